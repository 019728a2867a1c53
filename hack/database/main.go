// Command database runs a PostgreSQL with an empty database until Ctrl-C, for a
// trial on a cluster that can pull no images: go run ./hack/database 172.31.255.1
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/overworld-gg/overworld/test/postgres"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "database:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	host := "127.0.0.1"
	if len(os.Args) > 1 {
		host = os.Args[1]
	}
	server, err := postgres.Start(host)
	if err != nil {
		return err
	}
	url, err := server.Create("overworld")
	if err == nil {
		_, _ = fmt.Fprintln(os.Stdout, url)
		<-ctx.Done()
	}
	if stopped := server.Stop(); err == nil {
		err = stopped
	}
	return err
}
