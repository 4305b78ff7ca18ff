/** What is used of node:async_hooks, which workerd has under the flag nodejs_compat: see setting/node-crypto.d.ts. */
declare module 'node:async_hooks' {
  export class AsyncLocalStorage<Value> {
    run<Result>(value: Value, work: () => Result): Result;
    getStore(): Value | undefined;
  }
}
