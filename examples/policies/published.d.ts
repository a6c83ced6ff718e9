// What `import ... from "fairlead/config"` and "fairlead/policy" mean to the compiler in here, where
// the package is not installed.
declare module "fairlead/config" {
  export const defineConfig: typeof import("../../src/config/define-config.ts").defineConfig;
}

declare module "fairlead/policy" {
  type Published = typeof import("../../src/policy/policy.ts");
  export type ConnectRewrite = import("../../src/policy/policy.ts").ConnectRewrite;
  export type Decision = import("../../src/policy/policy.ts").Decision;
  export type PolicyClient = import("../../src/policy/policy.ts").PolicyClient;
  export type PolicyConnect = import("../../src/policy/policy.ts").PolicyConnect;
  export const pool: Published["pool"];
  export const server: Published["server"];
  export const refuse: Published["refuse"];
  export const rewrite: Published["rewrite"];
}
