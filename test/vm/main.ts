import { Option } from 'commander'
import { carryOut } from '../lab/command-line.js'
import { labName } from '../lab/index.js'
import { findMachines, openMachines, removeMachines } from './index.js'
import { prepare } from './prepare.js'

await carryOut({
  name: 'vm',
  description: 'Nodes as virtual machines. LAB_NAME chooses the set (default "lab").',
  prepare: async () => (await prepare()).base,
  open: (plan) => openMachines({ ...plan, name: labName() }),
  find: () => findMachines(labName()),
  remove: () => removeMachines(labName()),
  wishes: [new Option('--storage', 'one machine more, which serves disks with SCSI-3 reservations ("lun")')],
  commands(vm) {
    vm.command('lun <size>')
      .description('make a disk that the storage serves to all machines (512M, 2G) and print its device')
      .action(async (size: string) => console.log(await (await findMachines(labName())).lun(size)))
    vm.command('pull <node> <device>')
      .description('pull the cable of a shared disk out of a machine, until its next boot')
      .action(async (node: string, device: string) => (await findMachines(labName())).pull(node, device))
  },
})
