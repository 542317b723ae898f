// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

type status byte

const (
	accepted    status = 'o'
	parseFailed status = 'p'
	failed      status = 'f'
	unsupported status = 'u'
	crashed     status = 'c'
)

func (s status) String() string {
	return map[status]string{accepted: "accepted", parseFailed: "refused by the parser", failed: "failed",
		unsupported: "not supported", crashed: "crashed"}[s]
}

// answer is what one of the two sides made of a pair: an output, or a message.
type answer struct {
	status status
	text   string
}

// subject is a child process that answers requests in their order. A request is a number of fields, each with its
// length before it; an answer is a letter and one field.
type subject struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	pipe    *os.File
}

const patience = 30 * time.Second

func startSubject(program string) (*subject, error) {
	command := exec.Command(program)
	command.Env = append(os.Environ(), "TZ=UTC")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command.Stdout = write
	if err := command.Start(); err != nil {
		return nil, err
	}
	write.Close()
	return &subject{command: command, in: in, out: bufio.NewReaderSize(read, 1<<20), pipe: read}, nil
}

func request(p pair) []byte {
	fields := append([]string{p.kind}, p.fields...)
	if p.encode != nil {
		fields = append([]string{p.kind}, p.encode(p.fields)...)
	}
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(fields)))
	for _, field := range fields {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(field)))
		data = append(data, field...)
	}
	return data
}

// send does not wait: a subject answers while it is still being asked.
func (s *subject) send(pairs []pair) {
	var data []byte
	for _, p := range pairs {
		data = append(data, request(p)...)
	}
	go func() { _, _ = s.in.Write(data) }()
}

func (s *subject) receive() (answer, error) {
	timer := time.AfterFunc(patience, func() { _ = s.command.Process.Kill() })
	defer timer.Stop()
	var head [5]byte
	if _, err := io.ReadFull(s.out, head[:]); err != nil {
		return answer{}, fmt.Errorf("the subject ended, or said nothing for %s", patience)
	}
	text := make([]byte, binary.LittleEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(s.out, text); err != nil {
		return answer{}, err
	}
	return answer{status(head[0]), string(text)}, nil
}

func (s *subject) stop() {
	s.in.Close()
	timer := time.AfterFunc(5*time.Second, func() { _ = s.command.Process.Kill() })
	_ = s.command.Wait()
	timer.Stop()
	s.pipe.Close()
}

func (s *subject) ask(p pair) answer {
	s.send([]pair{p})
	got, err := s.receive()
	if err != nil {
		return answer{status: crashed, text: err.Error()}
	}
	return got
}

func askOnce(program string, p pair) answer {
	child, err := startSubject(program)
	if err != nil {
		return answer{status: crashed, text: err.Error()}
	}
	defer child.stop()
	return child.ask(p)
}
