// Settings in which one server has another address, because the operator said so while they ran.
//
// Pure. Numbers are those of what runs, names are those of the file: the two are brought together.

import type { ServerSettings, Settings } from "../config/settings.ts";

export type ServerAddress = Pick<ServerSettings, "address" | "endpoint">;

/** @returns `pool/server` of a server that runs */
export function nameServer({ pools, servers }: Settings, server: number): string {
  const { name, pool } = servers[server]!;
  return `${pools[pool]!.name}/${name}`;
}

/** @param name what `nameServer` gives; checks go to the new address, too */
export function withAddress(file: Settings, name: string, to: ServerAddress): Settings {
  const { address, endpoint } = to;
  const servers = file.servers.map((server, number) => {
    if (nameServer(file, number) !== name) return server;
    return { ...server, address, endpoint, checkEndpoint: endpoint };
  });
  return { ...file, servers };
}
