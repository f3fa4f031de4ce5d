namespace MsVit.MLNet;

/// <summary>Which samples of a set a firing-rate monitor looks at: a few of every k-th batch.</summary>
/// <remarks>
/// Sets may be ordered by class, so the batches are spread over the set, and their samples over the batch. That they are
/// the same in every epoch makes epochs comparable.
/// </remarks>
internal sealed class ObservedShare
{
    /// <summary>Samples observed at most unless said otherwise.</summary>
    public const int MostSamples = 256;

    private const int LeastOfBatch = 32;

    private readonly FiringRateMonitor _monitor;
    private readonly int _ofBatch;
    private readonly int _everyBatch;
    private int _left;
    private int _batches;

    /// <param name="monitor">Who looks.</param>
    /// <param name="samples">How many samples the set has, 1 or more.</param>
    /// <param name="batchSize">Samples in a batch; the last one may have fewer.</param>
    /// <param name="most">How many samples are looked at, at most. The default is <see cref="MostSamples"/>.</param>
    public ObservedShare(FiringRateMonitor monitor, int samples, int batchSize, int most = MostSamples)
    {
        var batches = (samples + batchSize - 1) / batchSize;
        _monitor = monitor;
        _left = most;
        _ofBatch = Math.Min(batchSize, Math.Max(LeastOfBatch, most / batches));
        _everyBatch = (int)(((long)batches * _ofBatch + most - 1) / most);
    }

    /// <summary>Who looks on at the next batch; null if nobody does. Called once for each batch, in order.</summary>
    public NetworkObserver? Next(int batch)
    {
        if (_batches++ % _everyBatch != 0 || _left == 0)
        {
            return null;
        }
        var most = Math.Min(_ofBatch, _left);
        _left -= Math.Min(batch, most);
        return _monitor.Watch(batch, most);
    }
}
