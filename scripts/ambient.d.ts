// @msgpack/msgpack's declarations name this DOM type; with the whole DOM library, browser globals that Node
// lacks would pass the type check.
type BufferSource = ArrayBufferView | ArrayBuffer;
