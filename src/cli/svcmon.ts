#!/usr/bin/env node
import { main } from './main.js'

// The cluster at a glance: `om mon`.
void main('svcmon')
