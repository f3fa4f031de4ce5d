namespace MsVit.MLNet.Hosting;

/// <summary>Requests that were accepted: counted from acceptance to answer, handed out in batches. Thread-safe.</summary>
/// <param name="capacity">The most requests that are accepted and not yet answered.</param>
/// <param name="batchSize">The most that are handed out together.</param>
/// <param name="delay">How long the first of a batch waits for others.</param>
internal sealed class BatchQueue(int capacity, int batchSize, TimeSpan delay)
{
    private readonly object _gate = new();
    private readonly LinkedList<PredictionJob> _ready = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;
    private bool _isClosed;

    /// <summary>Requests that were accepted and not yet answered.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Done when the queue is closed and every request that was accepted is answered.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Takes a place for a request; whoever gets one gives it back by <see cref="Leave"/>.</summary>
    public QueuePlace Enter()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return QueuePlace.Closed;
            }
            if (_held == capacity)
            {
                return QueuePlace.Full;
            }
            _held++;
            return QueuePlace.Taken;
        }
    }

    /// <summary>Lets a request that has a place wait for its batch.</summary>
    public void Add(PredictionJob job)
    {
        lock (_gate)
        {
            job.QueuedAt = Environment.TickCount64;
            _ready.AddLast(job);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives a place back, answered or not.</summary>
    /// <param name="job">The request, where it got as far; it is computed no more if it still waits.</param>
    public void Leave(PredictionJob? job)
    {
        lock (_gate)
        {
            if (job is not null)
            {
                _ready.Remove(job);
            }
            _held--;
            EndIfDrained();
        }
    }

    /// <summary>The next batch: full, or as many as came while its first waited; null when the queue is closed and empty.</summary>
    public List<PredictionJob>? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_ready.First is not { } first)
                {
                    if (_isClosed && _held == 0)
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

    /// <summary>Accepts nothing more; what was accepted is still handed out.</summary>
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
            if (_held == 0)
            {
                _drained.TrySetResult();
            }
        }
    }
}
