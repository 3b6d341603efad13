// prober asks services all the time, as clients of a cluster do, and counts what was not answered. It reads one line of
// JSON from its standard input, asks until that ends, and then prints what it saw of each target.
//
// A client with a kubeconfig is Go's own HTTP client on every kubectl and controller, so this is one too: it tries the
// addresses of a name one after another; and as client-go does with a GET, it asks again what an API server asks to be tried
// again, and what was cut off by an API server that stops. Both are counted.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

type order struct {
	IntervalMs int
	TimeoutMs  int
	// Address of a name server; without it names are looked up as everywhere on this machine.
	Resolver      string
	Ca, Cert, Key string
	Targets       []target
}

type target struct{ Name, Url string }

type seen struct {
	Name         string `json:"name"`
	Requests     int    `json:"requests"`
	Failed       int    `json:"failed"`
	Retried      int    `json:"retried"`
	SlowestMs    int64  `json:"slowestMs"`
	LongestGapMs int64  `json:"longestGapMs"`
	// The first few.
	Failures []string `json:"failures"`
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("prober: ")
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	var wanted order
	if err == nil {
		err = json.Unmarshal(line, &wanted)
	}
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(io.Discard, input); stop() }()
	all := make([]*seen, len(wanted.Targets))
	var probes sync.WaitGroup
	for i, t := range wanted.Targets {
		probes.Go(func() { all[i] = probe(ctx, wanted, t) })
	}
	probes.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		log.Fatal(err)
	}
}

// probe begins a request at every tick, whatever became of those before.
func probe(ctx context.Context, wanted order, t target) *seen {
	result := &seen{Name: t.Name, Failures: []string{}}
	client := clientOf(wanted)
	var lock sync.Mutex
	var requests sync.WaitGroup
	lastAnswer := time.Now()
	ticks := time.NewTicker(time.Duration(wanted.IntervalMs) * time.Millisecond)
	defer ticks.Stop()
	for {
		requests.Go(func() {
			began := time.Now()
			retried, err := ask(client, t.Url)
			lock.Lock()
			defer lock.Unlock()
			result.Requests++
			result.Retried += retried
			result.SlowestMs = max(result.SlowestMs, time.Since(began).Milliseconds())
			if err == nil {
				result.LongestGapMs = max(result.LongestGapMs, time.Since(lastAnswer).Milliseconds())
				lastAnswer = time.Now()
				return
			}
			result.Failed++
			if len(result.Failures) < 5 {
				result.Failures = append(result.Failures, began.UTC().Format("15:04:05.000 ")+err.Error())
			}
		})
		select {
		case <-ticks.C:
		case <-ctx.Done():
			requests.Wait()
			result.LongestGapMs = max(result.LongestGapMs, time.Since(lastAnswer).Milliseconds())
			return result
		}
	}
}

// ask makes one request on a connection of its own.
func ask(client *http.Client, url string) (retried int, err error) {
	for {
		response, err := client.Get(url)
		if isCutOff(err) && retried < 10 {
			retried++
			time.Sleep(time.Second)
			continue
		}
		if err != nil {
			return retried, err
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return retried, err
		}
		after, tellsWhen := strconv.Atoi(response.Header.Get("Retry-After"))
		isBusy := response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500
		if isBusy && tellsWhen == nil && retried < 10 {
			retried++
			time.Sleep(time.Duration(after) * time.Second)
			continue
		}
		if response.StatusCode != http.StatusOK {
			return retried, fmt.Errorf("%s: %.300s", response.Status, body)
		}
		return retried, nil
	}
}

func isCutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func clientOf(wanted order) *http.Client {
	timeout := time.Duration(wanted.TimeoutMs) * time.Millisecond
	dialer := &net.Dialer{Timeout: timeout}
	if wanted.Resolver != "" {
		dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, wanted.Resolver)
		}}
	}
	config := &tls.Config{}
	if wanted.Ca != "" {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM([]byte(wanted.Ca))
	}
	if wanted.Cert != "" {
		pair, err := tls.X509KeyPair([]byte(wanted.Cert), []byte(wanted.Key))
		if err != nil {
			log.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: config, DisableKeepAlives: true},
	}
}
