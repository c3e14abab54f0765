// One machine: QEMU's process, from power on to power loss.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, words } from '../lab/command.js'
import { exists } from '../lab/cache.js'
import { LabError } from '../lab/failure.js'
import { macOf, NETWORKS, portOf } from '../lab/network.js'
import { nodeName, nodeStore, type Place } from '../lab/place.js'
import { endProcess, isAlive, kill, processAt, readStarted, type Started } from '../lab/process.js'
import { accelerator } from './accelerator.js'
import { storageMac, storagePort } from './cable.js'
import { diskArguments } from './disk.js'
import { machineFolder, type MachineRecord } from './place.js'

/** QEMU's process of a machine that is on. */
export async function machineOf(place: Place, n: number): Promise<Started | undefined> {
  const started = await readStarted(join(machineFolder(place, n), 'started'))
  return started !== undefined && (await isAlive(started)) ? started : undefined
}

export async function mustBeOn(place: Place, n: number): Promise<Started> {
  const machine = await machineOf(place, n)
  if (machine === undefined)
    throw new LabError(`${nodeName(n)} is down: boot it with "vm boot ${nodeName(n)}"`)
  return machine
}

/** Stopped between two instructions, its processor, its disks and its cards alike. */
export async function isPaused(machine: Started): Promise<boolean> {
  const stat = await readFile(`/proc/${machine.pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(') ') + 2).startsWith('T')
}

export async function mustRun(place: Place, n: number): Promise<Started> {
  const machine = await mustBeOn(place, n)
  if (await isPaused(machine))
    throw new LabError(`${nodeName(n)} is paused: let it go on with "vm resume ${nodeName(n)}"`)
  return machine
}

/**
 * Switches a machine on; its cables are there. What it boots is on its own disk, which is made where it is new. With `memory`, the file of a saved
 * state, it stands still where that was saved.
 */
export async function powerOn(
  place: Place,
  record: MachineRecord,
  n: number,
  memory?: string,
): Promise<void> {
  if ((await machineOf(place, n)) !== undefined)
    throw new LabError(`${nodeName(n)} is up already: crash it first with "vm crash ${nodeName(n)}"`)
  const [folder, store] = [machineFolder(place, n), nodeStore(record, n)]
  for (const dir of [folder, store]) await mkdir(dir, { recursive: true })
  for (const file of ['pid', 'started', 'monitor', 'agent']) await rm(join(folder, file), { force: true })
  const root = join(store, 'root.qcow2')
  if (!(await exists(root))) await run([...words('qemu-img create -q -f qcow2 -F raw -b'), record.base, root])
  const enter = ['nsenter', `--net=/run/netns/${place.switchNamespace}`]
  const incoming = memory === undefined ? [] : ['-incoming', `exec:cat ${memory}`]
  await run([...enter, 'qemu-system-x86_64', ...(await argumentsOf(place, record, n)), ...incoming])
  const machine = await processAt(Number(await readFile(join(folder, 'pid'), 'utf8')))
  if (machine === undefined)
    throw new LabError(`${nodeName(n)} ended at once: read ${join(folder, 'console.log')}`)
  await writeFile(join(folder, 'started'), `${machine.pid} ${machine.start}\n`)
}

async function argumentsOf(place: Place, record: MachineRecord, n: number): Promise<string[]> {
  const folder = machineFolder(place, n)
  return [
    ...words(`-name ${nodeName(n)} -M q35 -smp 1 -m ${record.plan.memoryMb} -nodefaults -no-user-config`),
    ...(await accelerator()),
    ...words(`-display none -daemonize -rtc base=utc -pidfile ${folder}/pid`),
    '-kernel',
    join(record.kernel, 'vmlinuz'),
    '-initrd',
    join(record.kernel, 'initrd'),
    '-append',
    commandLine(record, n),
    ...words(`-chardev file,id=console,path=${folder}/console.log,append=on -serial chardev:console`),
    ...words(`-qmp unix:${folder}/monitor,server=on,wait=off -device virtio-rng-pci`),
    ...words(`-drive if=none,id=root,file=${nodeStore(record, n)}/root.qcow2,format=qcow2,cache=unsafe`),
    ...words('-device virtio-blk-pci,drive=root -device virtio-scsi-pci,id=shared'),
    ...words(`-device virtio-serial-pci -chardev socket,id=agent,path=${folder}/agent,server=on,wait=off`),
    ...words('-device virtserialport,chardev=agent,name=org.qemu.guest_agent.0'),
    ...NETWORKS.flatMap((network) => [
      ...words(`-netdev tap,id=net${network},ifname=${portOf(place, n, network)},script=no,downscript=no`),
      ...words(`-device virtio-net-pci,netdev=net${network},romfile=,mac=${macOf(n, network)}`),
    ]),
    ...words(`-netdev tap,id=storage,ifname=${storagePort(place, n)},script=no,downscript=no`),
    ...words(`-device virtio-net-pci,netdev=storage,romfile=,mac=${storageMac(n)}`),
    ...record.disks.flatMap(diskArguments),
  ]
}

/**
 * `no_timer_check`: an emulated machine that is starved would fail the kernel's look at its timer. `nokaslr`, `norandmaps`: what lies at another address each
 * time is translated each time.
 */
function commandLine({ plan }: MachineRecord, n: number): string {
  const masked = plan.docker ? [] : ['docker.service', 'docker.socket', 'containerd.service']
  return [
    `console=ttyS0 loglevel=4 systemd.show_status=1 panic=1 mitigations=off nokaslr norandmaps no_timer_check`,
    `lab.node=${n} systemd.hostname=${nodeName(n)} systemd.machine_id=${String(n).padStart(32, '1')}`,
    ...masked.map((unit) => `systemd.mask=${unit}`),
  ].join(' ')
}

/** Power loss: what the guest had not written is gone, and all at once. */
export async function powerOff(place: Place, n: number): Promise<void> {
  const machine = await machineOf(place, n)
  if (machine !== undefined && !(await endProcess(machine)))
    throw new LabError(`process ${machine.pid} of ${nodeName(n)} does not die: end it, then try again`)
}

export async function pauseMachine(place: Place, n: number): Promise<void> {
  kill((await mustRun(place, n)).pid, 'SIGSTOP')
}

export async function resumeMachine(place: Place, n: number): Promise<void> {
  kill((await mustBeOn(place, n)).pid, 'SIGCONT')
}
