// Package machine pins processes to cores and reads what they use, on Linux.
package machine
