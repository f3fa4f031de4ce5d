namespace MsVit.MLNet.Sweep;

/// <summary>Sends a worker's heartbeats to the store from a timer thread, and stops the trial if another worker took it over.</summary>
internal sealed class TrialHeartbeat : IDisposable
{
    private readonly ITrialStore _store;
    private readonly TrialClaim _claim;
    private readonly CancellationTokenSource _stop;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private Exception? _failure;
    private bool _disposed;

    public TrialHeartbeat(ITrialStore store, TrialClaim claim, TimeSpan lease, CancellationToken cancellation)
    {
        (_store, _claim) = (store, claim);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _timer = new(_ => Update(() => _store.Heartbeat(_claim)), null, lease / 4, lease / 4);
    }

    /// <summary>Canceled when the training must end, for any reason.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Whether another worker took over the trial.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Ends the training.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Updates the store. If that fails, the training ends, and <see cref="ThrowIfFailed"/> throws the reason.</summary>
    public void Update(Func<bool> update)
    {
        lock (_lock)
        {
            if (_disposed || _failure is not null || IsLost)
            {
                return;
            }
            try
            {
                IsLost = !update();
            }
            // On a timer thread it would end the process; ThrowIfFailed rethrows it.
            catch (Exception e)
            {
                _failure = e;
            }
            if (IsLost || _failure is not null)
            {
                _stop.Cancel();
            }
        }
    }

    /// <summary>Throws if the store failed.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new IOException($"The trial store failed: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }
        _timer.Dispose();
        _stop.Dispose();
    }
}
