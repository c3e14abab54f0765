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
})
