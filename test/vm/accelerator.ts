import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { words } from '../lab/command.js'

/**
 * QEMU's words for the processor: the machine's own where it can be lent, else an emulated one.
 *
 * What an emulator has translated it takes again as long as it has room for it, and as long as a program lies where it lay before: see `norandmaps` in
 * `machine.ts`. With half this room everything was translated anew from one command to the next, which took twice as long.
 */
export async function accelerator(): Promise<string[]> {
  if (await lendsProcessor()) return words('-accel kvm -cpu host')
  // the newer instructions that `-cpu max` offers are what an emulator is slowest at
  return words('-accel tcg,thread=multi,tb-size=1024 -cpu Nehalem')
}

/** The device alone says nothing: inside some virtual machines it is there, and only interprets. */
async function lendsProcessor(): Promise<boolean> {
  const writable = await access('/dev/kvm', constants.W_OK).then(
    () => true,
    () => false,
  )
  return writable && /^flags\b.*\b(?:vmx|svm)\b/m.test(await readFile('/proc/cpuinfo', 'utf8'))
}
