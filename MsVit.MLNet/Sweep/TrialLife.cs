namespace MsVit.MLNet.Sweep;

/// <summary>Shows a store that a worker is alive, from a thread of its own, and stops the trial where it is no longer the worker's.</summary>
internal sealed class TrialLife : IDisposable
{
    private readonly ITrialStore _store;
    private readonly TrialClaim _claim;
    private readonly CancellationTokenSource _stop;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private Exception? _fault;
    private bool _over;

    public TrialLife(ITrialStore store, TrialClaim claim, TimeSpan lease, CancellationToken cancellation)
    {
        (_store, _claim) = (store, claim);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _timer = new(_ => Tell(() => _store.Heartbeat(_claim)), null, lease / 4, lease / 4);
    }

    /// <summary>Ends the training, whatever the reason.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Whether another worker has the trial.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Ends the training.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Tells the store something; where that fails, the training ends, and <see cref="ThrowIfFailed"/> says why.</summary>
    public void Tell(Func<bool> tell)
    {
        lock (_lock)
        {
            if (_over || _fault is not null || IsLost)
            {
                return;
            }
            try
            {
                IsLost = !tell();
            }
            // On a timer's thread it would end the process; it is thrown again by ThrowIfFailed.
            catch (Exception e)
            {
                _fault = e;
            }
            if (IsLost || _fault is not null)
            {
                _stop.Cancel();
            }
        }
    }

    /// <summary>Throws what the store threw.</summary>
    public void ThrowIfFailed()
    {
        if (_fault is { } fault)
        {
            throw new IOException($"The store of the trials failed: {fault.Message}", fault);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _over = true;
        }
        _timer.Dispose();
        _stop.Dispose();
    }
}
