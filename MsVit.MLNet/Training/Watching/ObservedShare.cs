namespace MsVit.MLNet;

/// <summary>Chooses the samples that a firing-rate monitor observes: a few of every k-th batch.</summary>
/// <remarks>
/// Sets may be ordered by class, so the batches are spread over the set, and the samples over the batch. They are the same in every epoch,
/// so that epochs can be compared.
/// </remarks>
internal sealed class ObservedShare
{
    /// <summary>The largest number of observed samples by default.</summary>
    public const int MostSamples = 256;

    private const int LeastOfBatch = 32;

    private readonly FiringRateMonitor _monitor;
    private readonly int _ofBatch;
    private readonly int _everyBatch;
    private int _left;
    private int _batches;

    /// <param name="monitor">The monitor.</param>
    /// <param name="samples">The number of samples in the set, 1 or more.</param>
    /// <param name="batchSize">Samples in a batch; the last one may have fewer.</param>
    /// <param name="most">The largest number of observed samples. The default is <see cref="MostSamples"/>.</param>
    public ObservedShare(FiringRateMonitor monitor, int samples, int batchSize, int most = MostSamples)
    {
        var batches = (samples + batchSize - 1) / batchSize;
        _monitor = monitor;
        _left = most;
        _ofBatch = Math.Min(batchSize, Math.Max(LeastOfBatch, most / batches));
        _everyBatch = (int)(((long)batches * _ofBatch + most - 1) / most);
    }

    /// <summary>Leaves out a batch that another rank runs.</summary>
    public void Skip(int batch) => _ = Next(batch, static (_, _) => default(NetworkObserver));

    /// <summary>The observer of the next batch; null if it is not observed. Call this or <see cref="Skip"/> for each, in order.</summary>
    public NetworkObserver? NextObserver(int batch) => Next(batch, _monitor.Watch);

    private NetworkObserver? Next(int batch, Func<int, int, NetworkObserver?> watch)
    {
        if (_batches++ % _everyBatch != 0 || _left == 0)
        {
            return null;
        }
        var most = Math.Min(_ofBatch, _left);
        _left -= Math.Min(batch, most);
        return watch(batch, most);
    }
}
