// Every command, for the program and for its reference.
import type { Command } from 'commander'
import { addAdminCommand } from './admin.ts'
import { addAlertCommands } from './alerts.ts'
import { addBackupCommands } from './backup.ts'
import { addBlockCommands } from './blocks.ts'
import { addConfigurationCommands } from './configuration.ts'
import { addImportCommand } from './import-endpoints.ts'
import { addMoneyCommands } from './money.ts'
import { addTestCallCommand } from './test-call.ts'
import { addTraceCommand } from './trace.ts'
import { addTrafficCommands } from './traffic.ts'
import { addWhyCommands } from './why.ts'

export function addCommands(program: Command): void {
  addConfigurationCommands(program)
  addTrafficCommands(program)
  addWhyCommands(program)
  addBlockCommands(program)
  addAlertCommands(program)
  addTestCallCommand(program)
  addMoneyCommands(program)
  addTraceCommand(program)
  addImportCommand(program)
  addBackupCommands(program)
  addAdminCommand(program)
}
