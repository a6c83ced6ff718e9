// Topic names and topic filters (MQTT 5.0 section 4.7; the same rules in 3.1.1), and the shape of
// shared subscriptions (section 4.8.2). Pure: text in, verdict out.

/** A filter taken apart: `$share/group/a/+` has group "group" and filter "a/+". */
export interface ParsedFilter {
  /** Null for an ordinary subscription. */
  readonly group: string | null;
  /** What topics are matched against. */
  readonly filter: string;
}

export interface TopicLimits {
  readonly topicLevelsMax: number;
  readonly topicMaxBytes: number;
}

const SHARE_PREFIX = "$share/";
const SLASH = 0x2f;

/**
 * @returns whether a message may be published under `topic`: not empty, no wildcard, not too deep
 */
export function isTopicName(topic: string, limits: TopicLimits): boolean {
  if (topic.includes("+") || topic.includes("#")) return false; // [MQTT-3.3.2-2]
  return isWithinLimits(topic, limits);
}

/** @returns the parts of a valid filter, or null [MQTT-4.7.1-1, -2; MQTT-4.8.2-1, -2] */
export function parseFilter(text: string, limits: TopicLimits): ParsedFilter | null {
  if (!isWithinLimits(text, limits)) return null;
  if (!text.startsWith(SHARE_PREFIX)) {
    return wildcardsStandAlone(text) ? { group: null, filter: text } : null;
  }
  const end = text.indexOf("/", SHARE_PREFIX.length);
  if (end === -1) return null;
  const group = text.slice(SHARE_PREFIX.length, end);
  const filter = text.slice(end + 1);
  if (group === "" || /[+#]/.test(group)) return null;
  if (filter === "" || !wildcardsStandAlone(filter)) return null;
  return { group, filter };
}

function isWithinLimits(topic: string, limits: TopicLimits): boolean {
  if (topic === "" || topic.includes("\0")) return false; // [MQTT-4.7.3-1, -2]
  if (Buffer.byteLength(topic) > limits.topicMaxBytes) return false;
  let levels = 1;
  for (let i = 0; i < topic.length; i++) if (topic.charCodeAt(i) === SLASH) levels++;
  return levels <= limits.topicLevelsMax;
}

function wildcardsStandAlone(filter: string): boolean {
  if (!filter.includes("+") && !filter.includes("#")) return true;
  const levels = filter.split("/");
  return levels.every((level, i) => {
    if (level === "#") return i === levels.length - 1;
    return level === "+" || !(level.includes("+") || level.includes("#"));
  });
}
