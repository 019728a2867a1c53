(function (native) {
  "use strict";
  const { apply, construct } = Reflect;
  const isArray = Array.isArray;
  const define = (owner, name, value) =>
    Object.defineProperty(owner, name, { value, writable: true, enumerable: false, configurable: true });

  // Proxies call their handlers through functions of JavaScript, which are counted:
  // proxies of proxies, and those that are their own prototype, would never end.
  const NativeProxy = Proxy;
  const traps = ["getPrototypeOf", "setPrototypeOf", "isExtensible", "preventExtensions", "getOwnPropertyDescriptor",
    "defineProperty", "has", "get", "set", "deleteProperty", "ownKeys", "apply", "construct"];
  const originals = {};
  for (const name of traps) originals[name] = Reflect[name];
  const guarded = (handler) => {
    if (handler === null || typeof handler !== "object" && typeof handler !== "function") {
      throw new TypeError("Cannot create proxy with a non-object as target or handler");
    }
    const guard = { __proto__: null };
    for (let i = 0; i < traps.length; i++) {
      const name = traps[i], original = originals[name];
      guard[name] = (...args) => {
        native.enter();
        try {
          const trap = handler[name];
          return trap === undefined || trap === null ? apply(original, undefined, args) : apply(trap, handler, args);
        } finally {
          native.leave();
        }
      };
    }
    return guard;
  };
  function GuardedProxy(target, handler) {
    if (new.target === undefined) throw new TypeError("Constructor Proxy requires 'new'");
    return new NativeProxy(target, guarded(handler));
  }
  define(GuardedProxy, "revocable", (target, handler) => NativeProxy.revocable(target, guarded(handler)));
  Object.defineProperty(GuardedProxy, "name", { value: "Proxy" });
  GuardedProxy.prototype = undefined;
  define(globalThis, "Proxy", GuardedProxy);

  define(Function.prototype, "bind", function bind(self, ...first) {
    const f = this;
    if (typeof f !== "function") throw new TypeError("Bind must be called on a function");
    const bound = function (...more) {
      return new.target === undefined ? apply(f, self, [...first, ...more]) : construct(f, [...first, ...more]);
    };
    Object.defineProperty(bound, "name", { value: "bound " + f.name, configurable: true });
    return bound;
  });

  const flat = (out, list, depth) => {
    const n = native.length(list);
    for (let i = 0; i < n; i++) {
      if (!(i in list)) continue;
      const item = list[i];
      if (depth > 0 && isArray(item)) flat(out, item, depth - 1);
      else out.push(item);
    }
    return out;
  };
  define(Array.prototype, "flat", function (depth = 1) {
    return flat([], Object(this), Number(depth) || 0);
  });
  define(Array.prototype, "flatMap", function (f, self) {
    return flat([], apply(Array.prototype.map, this, [f, self]), 1);
  });

  Object.defineProperty(Array.prototype.flat, "name", { value: "flat" });
  Object.defineProperty(Array.prototype.flatMap, "name", { value: "flatMap" });

  // replace puts a function with a check in the place of a constructor.
  const replace = (Native, owner, check) => {
    const Guarded = function (...args) {
      check(args);
      return new.target === undefined ? apply(Native, undefined, args)
        : construct(Native, args, new.target === Guarded ? Native : new.target);
    };
    for (const key of Reflect.ownKeys(Native)) {
      if (key !== "prototype") Object.defineProperty(Guarded, key, Object.getOwnPropertyDescriptor(Native, key));
    }
    Object.defineProperty(Guarded, "prototype", { value: Native.prototype, writable: false, enumerable: false, configurable: false });
    Object.setPrototypeOf(Guarded, Object.getPrototypeOf(Native));
    Object.defineProperty(Native.prototype, "constructor", { value: Guarded, writable: true, enumerable: false, configurable: true });
    if (owner) define(owner, Native.name, Guarded);
    return Guarded;
  };
  const buffer = (width) => (args) => native.checkBuffer(args[0], width);
  replace(ArrayBuffer, globalThis, buffer(1));
  for (const name of ["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
    "Float32Array", "Float64Array"]) {
    const Native = globalThis[name];
    replace(Native, globalThis, buffer(Native.BYTES_PER_ELEMENT));
  }
  replace(RegExp, globalThis, (args) => native.checkPattern(args[0]));

  // Function and its kin, and eval, which never sees more than the globals.
  const maker = (Native, owner, head) => {
    const Guarded = function (...args) {
      const body = args.length ? String(args.pop()) : "";
      return native.evaluate("(" + head + " anonymous(" + join(args, ",") + "\n) {\n" + body + "\n})");
    };
    Object.defineProperty(Guarded, "name", { value: Native.name, configurable: true });
    Object.defineProperty(Guarded, "prototype", { value: Native.prototype, writable: false, enumerable: false, configurable: false });
    Object.setPrototypeOf(Guarded, Object.getPrototypeOf(Native));
    Object.defineProperty(Native.prototype, "constructor", { value: Guarded, writable: true, enumerable: false, configurable: true });
    if (owner) define(owner, Native.name, Guarded);
  };
  const join = (list, between) => apply(Array.prototype.join, list, [between]);
  const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor;
  const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;
  maker(Function, globalThis, "function");
  maker(GeneratorFunction, null, "function*");
  maker(AsyncFunction, null, "async function");
  define(globalThis, "eval", (text) => typeof text === "string" ? native.evaluate(text) : text);

  // Splitting at an expression place by place takes goja time in the square.
  const exec = RegExp.prototype.exec;
  define(RegExp.prototype, Symbol.split, function (text, limit) {
    const s = String(text), out = [];
    const most = limit === undefined ? 4294967295 : limit >>> 0;
    if (most === 0) return out;
    const pattern = new RegExp(this, String(this.flags).replace("y", "").replace("g", "") + "g");
    if (s === "") return exec.call(pattern, s) === null ? [s] : out;
    let from = 0, found;
    while ((found = exec.call(pattern, s)) !== null && found.index < s.length) {
      const at = found.index, end = at + found[0].length;
      if (end === at) pattern.lastIndex = at + 1;
      if (end === from) continue;
      out.push(s.slice(from, at));
      if (out.length === most) return out;
      for (let i = 1; i < found.length; i++) {
        out.push(found[i]);
        if (out.length === most) return out;
      }
      from = end;
    }
    out.push(s.slice(from));
    return out;
  });
})
