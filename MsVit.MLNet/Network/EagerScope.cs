namespace MsVit.MLNet;

/// <summary>While one is open, all networks of the process are plain compositions of torch operations; for comparisons.</summary>
/// <remarks>
/// Neurons step by step, still images convolved T times, batch norms unfolded, torch's pool, [B, C, H, W] in memory, float32: the
/// algorithm of spikingjelly's torch back end.
/// </remarks>
internal sealed class EagerScope : IDisposable
{
    private static volatile int _open;

    private bool _ended;

    public EagerScope() => Interlocked.Increment(ref _open);

    public static bool IsOpen => _open > 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            Interlocked.Decrement(ref _open);
        }
    }
}
