package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// checkCommand is for helm test: the image has no shell and no curl.
func checkCommand() *cobra.Command {
	var urls []string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:     "check --url URL",
		Short:   "Wait until addresses answer 200",
		Example: "  gateway check --url http://overworld-gateway:8080/readyz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(urls) == 0 {
				return errors.New("which addresses? Give them with --url")
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			for _, url := range urls {
				if err := waitFor(ctx, url); err != nil {
					return err
				}
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), url, "answers")
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&urls, "url", nil, "`URL` to ask; may be given several times")
	cmd.Flags().DurationVar(&timeout, "timeout", time.Minute, "how long to wait for all")
	return cmd
}

// waitFor asks until the answer is 200.
func waitFor(ctx context.Context, url string) error {
	ticker := time.NewTicker(time.Second / 2)
	defer ticker.Stop()
	for {
		err := ask(ctx, url)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer as it should: %w", url, err)
		case <-ticker.C:
		}
	}
}

func ask(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}
