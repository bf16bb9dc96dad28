package simulator

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// directTransport calls the server without a socket.
type directTransport struct{ handler http.Handler }

// HandlerTransport carries requests to a handler without a socket, as for
// Options.WebhookTransport.
func HandlerTransport(h http.Handler) http.RoundTripper { return directTransport{h} }

func (d directTransport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	type outcome struct {
		resp *http.Response
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				// A handler that aborts is a connection that is cut.
				done <- outcome{nil, io.ErrUnexpectedEOF}
			}
		}()
		in := r.Clone(r.Context())
		in.RequestURI = r.URL.RequestURI()
		in.RemoteAddr = "127.0.0.1:1"
		if in.Body == nil {
			in.Body = http.NoBody
		} else if in.ContentLength == 0 {
			in.ContentLength = -1 // of a request that is sent, 0 means unknown
		}
		if in.Host == "" {
			in.Host = r.URL.Host
		}
		rec := &recorder{header: http.Header{}}
		d.handler.ServeHTTP(rec, in)
		in.Body.Close()
		done <- outcome{rec.response(r), nil}
	}()
	select {
	case o := <-done:
		return o.resp, o.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// A recorder keeps what a handler answers.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) response(to *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:     strconv.Itoa(r.status) + " " + http.StatusText(r.status),
		StatusCode: r.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.header, Request: to,
		Body: io.NopCloser(bytes.NewReader(r.body.Bytes())), ContentLength: int64(r.body.Len()),
	}
}
