import { availableParallelism, hostname } from 'node:os'
import type { Load } from '../../core/document.js'
import { fail, ok, type Result } from '../../core/result.js'
import type { Files, Rng, Sys } from '../ports.js'

/** Facts of this machine from /proc and /etc. `varDir` keeps a machine id where the machine has none of its own. */
export async function systemSys(files: Files, rng: Rng, varDir: string): Promise<Result<Sys>> {
  const bootId = await readBootId(files)
  if (!bootId.ok) return bootId
  const machineId = await readMachineId(files, rng, varDir)
  if (!machineId.ok) return machineId
  return ok({
    hostname: hostname(),
    machineId: machineId.value,
    bootId: bootId.value,
    load: async () => parseLoad(await textOf(files, '/proc/loadavg'), await textOf(files, '/proc/meminfo')),
  })
}

/**
 * The kernel's boot id with the start time of process 1: in a container or a namespace, whose processes all end with process 1,
 * the kernel's boot is not the node's.
 */
async function readBootId(files: Files): Promise<Result<string>> {
  const kernel = await files.read('/proc/sys/kernel/random/boot_id')
  if (!kernel.ok) return kernel
  const first = await files.read('/proc/1/stat')
  if (!first.ok) return first
  return ok(`${kernel.value.trim()}.${startTicks(first.value)}`)
}

/** Field 22 of /proc/PID/stat (proc(5)); the command's name, which may hold blanks, ends at the last bracket. */
function startTicks(stat: string): string {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}

/** machine-id(5): 32 hexadecimal digits; images carry it empty or `uninitialized`. */
const MACHINE_ID = /^[0-9a-f]{32}$/

async function readMachineId(files: Files, rng: Rng, varDir: string): Promise<Result<string>> {
  const own = `${varDir}/machine-id`
  for (const path of ['/etc/machine-id', own]) {
    const text = (await textOf(files, path)).trim()
    if (MACHINE_ID.test(text)) return ok(text)
  }
  const id = rng.id()
  const made = await files.makeDirectory(varDir)
  const written = made.ok ? await files.write(own, `${id}\n`) : made
  if (written.ok) return ok(id)
  return fail(
    written.error.code,
    `this machine has no id in /etc/machine-id, and none could be kept: ${written.error.message}`,
  )
}

async function textOf(files: Files, path: string): Promise<string> {
  const text = await files.read(path)
  return text.ok ? text.value : ''
}

/** From the texts of /proc/loadavg and /proc/meminfo. */
export function parseLoad(loadavg: string, meminfo: string): Load {
  return {
    load15m: Number(loadavg.split(' ')[2] ?? 0),
    memTotalMb: megabytes(meminfo, 'MemTotal'),
    memAvailMb: megabytes(meminfo, 'MemAvailable'),
    swapTotalMb: megabytes(meminfo, 'SwapTotal'),
    swapAvailMb: megabytes(meminfo, 'SwapFree'),
    cpus: availableParallelism(),
  }
}

function megabytes(meminfo: string, name: string): number {
  const kilobytes = new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(meminfo)?.[1]
  return Math.round(Number(kilobytes ?? 0) / 1024)
}
