// Package postgres starts a real PostgreSQL for tests: Debian's, on loopback, in a
// folder that goes with it.
package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// patience is how long the server may take to start or to stop.
const patience = 30 * time.Second

// Server is a running PostgreSQL with the superuser overworld, who needs no
// password.
type Server struct {
	address string // host:port
	dir     string
	programs
	cmd *exec.Cmd
	log bytes.Buffer
}

// programs are where PostgreSQL's programs are, and as whom they run: it refuses
// to run as root.
type programs struct {
	bin        string
	credential *syscall.Credential
}

// Start makes a data folder and runs a server on a free port of an address such as
// 127.0.0.1.
func Start(host string) (*Server, error) { return StartIn("", host) }

// StartIn is Start with the data in a folder of the folder parent.
func StartIn(parent, host string) (*Server, error) {
	p, err := find()
	if err != nil {
		return nil, err
	}
	s := &Server{programs: p}
	if s.dir, err = os.MkdirTemp(parent, "overworld-postgres-"); err != nil {
		return nil, err
	}
	if s.address, err = freePort(host); err != nil {
		return nil, err
	}
	if err := s.init(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.Run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

func find() (programs, error) {
	var p programs
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return p, err
	}
	slices.Sort(found)
	if path, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		found = []string{path}
	}
	if len(found) == 0 {
		return p, errors.New("there is no PostgreSQL here: install it (make needs does on Debian)")
	}
	p.bin = filepath.Dir(found[len(found)-1])
	if os.Getuid() != 0 {
		return p, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return p, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return p, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	p.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return p, err
}

func freePort(host string) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *Server) init() error {
	if s.credential != nil {
		if err := os.Chown(s.dir, int(s.credential.Uid), int(s.credential.Gid)); err != nil {
			return err
		}
	}
	out, err := s.command("initdb", "-D", s.data(), "-U", "overworld", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("making a database: %w\n%s", err, out)
	}
	// Pods come from other addresses than the host's.
	rule := []byte("host all all 0.0.0.0/0 trust\n")
	file, err := os.OpenFile(filepath.Join(s.data(), "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(rule)
	return errors.Join(err, file.Close())
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	return cmd
}

// Run starts the server again that Halt has stopped, and waits until it answers.
func (s *Server) Run() error {
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		return err
	}
	s.log.Reset()
	s.cmd = s.command("postgres", "-D", s.data(), "-h", host, "-p", port, "-k", "", "-F", "-c", "max_connections=200", "-c", "max_wal_size=64MB", "-c", "min_wal_size=32MB")
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for s.command("pg_isready", "-q", "-h", host, "-p", port).Run() != nil {
		select {
		case <-ctx.Done():
			_ = s.Halt()
			return fmt.Errorf("PostgreSQL does not start:\n%s", s.log.String())
		case <-ticker.C:
		}
	}
	return nil
}

// Halt stops the server at once, as a crash would, but keeps its data.
func (s *Server) Halt() error {
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	_ = s.cmd.Wait() // it ends with an error code, as asked
	return nil
}

// Stop stops the server and deletes its data.
func (s *Server) Stop() error { return errors.Join(s.Halt(), os.RemoveAll(s.dir)) }

// Backup writes a database to a file with pg_dump, Restore reads it into another one
// with pg_restore, as docs/operations.md says.
func (s *Server) Backup(database, file string) error {
	return s.tool("pg_dump", "--format=custom", "--file="+file, s.URL(database))
}

// Restore is the way back from Backup.
func (s *Server) Restore(database, file string) error {
	return s.tool("pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname="+s.URL(database), file)
}

// tool runs one of PostgreSQL's programs as who runs the test: it writes files.
func (s *Server) tool(program string, args ...string) error {
	out, err := exec.Command(filepath.Join(s.bin, program), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// URL is the address of a database.
func (s *Server) URL(database string) string {
	return "postgres://overworld@" + s.address + "/" + database + "?sslmode=disable"
}

// Create makes an empty database and returns its URL.
func (s *Server) Create(database string) (string, error) {
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		return "", err
	}
	out, err := s.command("createdb", "-h", host, "-p", port, "-U", "overworld", database).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("making database %s: %w\n%s", database, err, out)
	}
	return s.URL(database), nil
}
