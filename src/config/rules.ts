// The table of cross-key rules, and one run of all of them.

import { adminIsProtected, adminUsersCanLogIn, haproxySocketIsPrivate } from "./admin-rules.ts";
import {
  balanceKeysHaveEffect,
  hashHasKey,
  hashLoadIsAboveShare,
  serverIdsDiffer,
} from "./balance-rules.ts";
import {
  acrossNeedsTwo,
  checkKeysHaveEffect,
  checkPasswordHasUser,
  checkTimesAgree,
  expectationsAreSingle,
  observingNeedsChecks,
  scriptIsThere,
  scriptStepsAreSingle,
  trackedServersExist,
} from "./check-rules.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { nameServersAreAddresses, resolversExist, slotNamesDiffer } from "./discovery-rules.ts";
import {
  adminPortsAreItsOwn,
  ipv6OnlyHasEffect,
  listenAddressesDiffer,
  listenerWithinLimits,
  poolOfListenerExists,
  serversAreNotListeners,
  someListener,
  tcpListenerHasNoConnect,
  tcpPoolNeedsNoConnect,
} from "./listener-rules.ts";
import { logKeysHaveEffect, logListenersExist, logTemplatesAreReadable } from "./log-rules.ts";
import {
  admissionHasRate,
  handshakesNeedTls,
  movedServersHaveNames,
  rebalancedPoolsMoveClients,
  tlsAcceptsNeedTls,
} from "./moving-rules.ts";
import {
  hostNamesHaveAddresses,
  limitsRise,
  namesAreWellFormed,
  poolIsUsed,
  relayTimesAgree,
  serverAddressesDiffer,
  serverNamesDiffer,
  somePool,
  someServerCanBeChosen,
} from "./pool-rules.ts";
import { makeRuleContext, type Rule, type RuleInput } from "./rule.ts";
import {
  bansFitProtocol,
  certificateLimitsHaveCertificates,
  countersAreComplete,
  namesInRulesExist,
  ownTablesExist,
  rulesFitProtocol,
  textsAreReadable,
  trackedKeysFitTables,
} from "./rule-rules.ts";
import {
  followedSessionsHaveIds,
  stickKeysHaveEffect,
  stickTableNamesDiffer,
  stickTablesExist,
} from "./stick-rules.ts";
import { countersAreStored } from "./stored-counters.ts";
import {
  certificateFilesAreGood,
  certificateKeyIsAskedFor,
  certificatesAreNamedOnce,
  ciphersExist,
  clientAuthoritiesAreGiven,
  serversAreVerified,
  ticketKeysAreGood,
  tlsVersionsAgree,
} from "./tls-rules.ts";
import {
  layersFitProtocol,
  proxyHeadersAreBelievable,
  serverLayersFitListeners,
  serverNamesLeadSomewhere,
  sourcesFitServers,
  tlvsHaveVersionTwo,
} from "./transport-rules.ts";

const RULES: readonly Rule[] = [
  adminIsProtected,
  adminUsersCanLogIn,
  haproxySocketIsPrivate,
  someListener,
  somePool,
  namesAreWellFormed,
  poolOfListenerExists,
  tcpPoolNeedsNoConnect,
  tcpListenerHasNoConnect,
  listenerWithinLimits,
  ipv6OnlyHasEffect,
  listenAddressesDiffer,
  adminPortsAreItsOwn,
  serversAreNotListeners,
  poolIsUsed,
  someServerCanBeChosen,
  limitsRise,
  serverNamesDiffer,
  serverAddressesDiffer,
  serverIdsDiffer,
  hashHasKey,
  hashLoadIsAboveShare,
  balanceKeysHaveEffect,
  stickTablesExist,
  stickTableNamesDiffer,
  stickKeysHaveEffect,
  followedSessionsHaveIds,
  hostNamesHaveAddresses,
  checkTimesAgree,
  checkKeysHaveEffect,
  checkPasswordHasUser,
  expectationsAreSingle,
  scriptIsThere,
  scriptStepsAreSingle,
  acrossNeedsTwo,
  observingNeedsChecks,
  trackedServersExist,
  resolversExist,
  nameServersAreAddresses,
  slotNamesDiffer,
  relayTimesAgree,
  admissionHasRate,
  handshakesNeedTls,
  tlsAcceptsNeedTls,
  movedServersHaveNames,
  rebalancedPoolsMoveClients,
  layersFitProtocol,
  serverNamesLeadSomewhere,
  proxyHeadersAreBelievable,
  tlvsHaveVersionTwo,
  serverLayersFitListeners,
  sourcesFitServers,
  textsAreReadable,
  namesInRulesExist,
  ownTablesExist,
  trackedKeysFitTables,
  countersAreComplete,
  countersAreStored,
  rulesFitProtocol,
  certificateLimitsHaveCertificates,
  bansFitProtocol,
  certificatesAreNamedOnce,
  certificateFilesAreGood,
  ticketKeysAreGood,
  clientAuthoritiesAreGiven,
  serversAreVerified,
  tlsVersionsAgree,
  ciphersExist,
  certificateKeyIsAskedFor,
  logTemplatesAreReadable,
  logKeysHaveEffect,
  logListenersExist,
];

export function applyRules(input: RuleInput): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const context = makeRuleContext(input, diagnostics);
  for (const rule of RULES) rule(context);
  return diagnostics;
}
