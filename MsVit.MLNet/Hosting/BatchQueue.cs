namespace MsVit.MLNet.Hosting;

/// <summary>Whether a request got a place in the queue.</summary>
internal enum QueuePlace
{
    /// <summary>It has a place.</summary>
    Taken,

    /// <summary>All places are taken.</summary>
    Full,

    /// <summary>The queue is closed.</summary>
    Closed,
}

/// <summary>The accepted requests, from acceptance to answer; they leave the queue in batches. Thread-safe.</summary>
/// <param name="capacity">The most pending requests: accepted, but not yet answered.</param>
/// <param name="batchSize">The largest batch.</param>
/// <param name="delay">How long the first request of a batch waits for others.</param>
internal sealed class BatchQueue(int capacity, int batchSize, TimeSpan delay)
{
    private readonly object _gate = new();
    private readonly LinkedList<PredictionJob> _ready = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _pending;
    private bool _isClosed;

    /// <summary>Requests that are accepted, but not yet answered.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Completes when the queue is closed and every accepted request is answered.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Takes a place for a request. Every place that is taken must be given back with <see cref="Leave"/>.</summary>
    public QueuePlace Enter()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return QueuePlace.Closed;
            }
            if (_pending == capacity)
            {
                return QueuePlace.Full;
            }
            _pending++;
            return QueuePlace.Taken;
        }
    }

    /// <summary>Queues a request that has a place.</summary>
    public void Add(PredictionJob job)
    {
        lock (_gate)
        {
            job.QueuedAt = Environment.TickCount64;
            _ready.AddLast(job);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives a place back, whether or not the request was answered.</summary>
    /// <param name="job">The request, if it was queued; if it still waits, it is dropped.</param>
    public void Leave(PredictionJob? job)
    {
        lock (_gate)
        {
            if (job is not null)
            {
                _ready.Remove(job);
            }
            _pending--;
            EndIfDrained();
        }
    }

    /// <summary>
    /// Waits for a batch: a full one, or the requests that arrived while the first waited. Null once the queue is closed and empty.
    /// </summary>
    public List<PredictionJob>? TakeBatch()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_ready.First is not { } first)
                {
                    if (_isClosed && _pending == 0)
                    {
                        return null;
                    }
                    Monitor.Wait(_gate);
                    continue;
                }
                var wait = first.Value.QueuedAt + (long)delay.TotalMilliseconds - Environment.TickCount64;
                if (_ready.Count >= batchSize || wait <= 0 || _isClosed)
                {
                    return Take();
                }
                Monitor.Wait(_gate, (int)wait);
            }
        }
    }

    /// <summary>Stops accepting requests; those already accepted are still computed.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            EndIfDrained();
        }
    }

    private List<PredictionJob> Take()
    {
        var batch = new List<PredictionJob>(Math.Min(batchSize, _ready.Count));
        while (batch.Count < batchSize && _ready.First is { } next)
        {
            _ready.RemoveFirst();
            batch.Add(next.Value);
        }
        return batch;
    }

    private void EndIfDrained()
    {
        if (_isClosed)
        {
            Monitor.PulseAll(_gate);
            if (_pending == 0)
            {
                _drained.TrySetResult();
            }
        }
    }
}
