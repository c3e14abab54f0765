import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { words } from '../lab/command.js'

/** QEMU's words for the processor: the machine's own where it can be lent, else an emulated one. */
export async function accelerator(): Promise<string[]> {
  if (await lendsProcessor()) return words('-accel kvm -cpu host')
  // the newer instructions that `-cpu max` offers are what an emulator is slowest at; a JavaScript engine needs room for its code
  return words('-accel tcg,thread=multi,tb-size=512 -cpu Nehalem')
}

/** The device alone says nothing: inside some virtual machines it is there, and only interprets. */
async function lendsProcessor(): Promise<boolean> {
  const writable = await access('/dev/kvm', constants.W_OK).then(
    () => true,
    () => false,
  )
  return writable && /^flags\b.*\b(?:vmx|svm)\b/m.test(await readFile('/proc/cpuinfo', 'utf8'))
}
