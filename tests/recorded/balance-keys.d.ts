export function clientId(i: number): string;
export function ipv4(i: number): string;
export function ipv6(i: number): string;
