package engine

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"byskriver/runner/store"
)

// jobArgs is all that the queue knows of an item: where to find it.
type jobArgs struct {
	Item int64 `json:"item"`
}

// Kind is the job's kind in the queue's table.
func (jobArgs) Kind() string { return "item" }

// queue is River, working one robot's queue in this process.
type queue struct {
	client *river.Client[*sql.Tx]
	name   string
}

type jobWorker struct {
	river.WorkerDefaults[jobArgs]
	r *run
}

// Work takes the item that a job points at through one attempt. An error means
// that the house itself failed; the run is ended by it.
func (w *jobWorker) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	if err := w.r.attempt(ctx, job.Args.Item, job.ID); err != nil {
		w.r.fail(err)
		return err
	}
	return nil
}

// Timeout leaves it to the attempt itself how long it may take.
func (w *jobWorker) Timeout(*river.Job[jobArgs]) time.Duration { return -1 }

// startQueue starts River. Its own rescue of stuck jobs is put out of the way:
// the run's exclusive lock, or the leases, tell which jobs were left behind.
func startQueue(ctx context.Context, r *run) (*queue, error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &jobWorker{r: r}); err != nil {
		return nil, err
	}
	name := r.queueName(r.opts.Mode)
	client, err := river.NewClient(r.Store.Driver(), &river.Config{
		ID:                   r.worker, // by which its jobs are found again when it is dead
		Queues:               map[string]river.QueueConfig{name: {MaxWorkers: r.Limits.AtOnce}},
		Workers:              workers,
		Logger:               r.Logger,
		JobTimeout:           -1,
		RescueStuckJobsAfter: 30 * 24 * time.Hour,
		FetchCooldown:        max(river.FetchCooldownMin, r.Limits.Poll/5),
		FetchPollInterval:    max(river.FetchPollIntervalMin, r.Limits.Poll),
		MaxAttempts:          1,
	})
	if err != nil {
		return nil, err
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, err
	}
	return &queue{client: client, name: name}, nil
}

// insert gives an item a job, in the caller's transaction.
func (q *queue) insert(t *store.Tx, item int64) error {
	res, err := q.client.InsertTx(t.Context(), t.SQL(), jobArgs{Item: item}, &river.InsertOpts{Queue: q.name, MaxAttempts: 1})
	if err != nil {
		return fmt.Errorf("give item %d a job: %w", item, err)
	}
	return t.SetJob(item, res.Job.ID)
}

// stop lets items under way come to their end, and cuts them off after grace.
func (q *queue) stop(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := q.client.Stop(ctx); err == nil {
		return nil
	}
	hard, cancelHard := context.WithTimeout(context.Background(), grace)
	defer cancelHard()
	if err := q.client.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the queue: %w", err)
	}
	return nil
}
