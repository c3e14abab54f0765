/** The part of the language's own WebAssembly that is used here; its types come with a browser's otherwise. */
interface WithWebAssembly {
  readonly WebAssembly: {
    readonly Memory: new (o: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  }
}

const WEBASSEMBLY_PAGE_BYTES = 65_536

/**
 * Memory that a file opened with O_DIRECT can be read into and written from. The kernel wants it aligned to the sectors of the device, and
 * of everything that JavaScript can ask for only a WebAssembly memory begins at a page: it is mapped, not carved out of a heap. Its address space is taken
 * until the collector comes by, so that who needs one keeps it.
 */
export function directMemory(bytes: number): Buffer {
  const { WebAssembly } = globalThis as unknown as WithWebAssembly
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / WEBASSEMBLY_PAGE_BYTES) })
  return Buffer.from(memory.buffer, 0, bytes)
}
