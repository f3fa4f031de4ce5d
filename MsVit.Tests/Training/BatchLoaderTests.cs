using MsVit.MLNet;

namespace MsVit.Tests.Training;

public sealed class BatchLoaderTests : IDisposable
{
    private static readonly SampleShape Shape = new(Channels: 1, Height: 6, Width: 5, IsFloat: false);
    private readonly SampleStore _store;
    private readonly SampleSet _set;

    public BatchLoaderTests()
    {
        _store = new SampleStore(Shape.Bytes, 1 << 20, Path.GetTempPath());
        for (var i = 0; i < 23; i++)
        {
            _store.Add([.. Enumerable.Range(0, Shape.Bytes).Select(k => (byte)(i * 7 + k))], label: i);
        }
        _store.Seal();
        _set = SampleSet.All(_store, Shape);
    }

    [Fact]
    public void Another_number_of_workers_gives_the_same_augmented_batches()
    {
        var alone = Epoch(workers: 1, epoch: 3);
        Assert.Equal(alone, Epoch(workers: 4, epoch: 3));
        Assert.NotEqual(alone, Epoch(workers: 1, epoch: 4));
    }

    [Fact]
    public void A_sample_is_augmented_the_same_whatever_the_batch_size()
    {
        var small = Epoch(workers: 2, epoch: 1, batchSize: 4).SelectMany(batch => batch.Samples).OrderBy(sample => sample.Label);
        var large = Epoch(workers: 2, epoch: 1, batchSize: 16).SelectMany(batch => batch.Samples).OrderBy(sample => sample.Label);
        Assert.Equal(small, large);
    }

    [Fact]
    public void Every_sample_comes_once_an_epoch_and_the_last_batch_takes_the_rest()
    {
        var batches = Epoch(workers: 2, epoch: 1, batchSize: 5);
        Assert.Equal([5, 5, 5, 5, 3], batches.Select(batch => batch.Samples.Count));
        Assert.Equal(Enumerable.Range(0, 23).Select(i => (long)i), batches.SelectMany(b => b.Samples).Select(s => s.Label).Order());
    }

    [Fact]
    public void Without_augmentation_samples_come_in_their_order_unchanged()
    {
        var expected = new byte[Shape.Bytes];
        foreach (var batch in new BatchLoader(_set, 8, null, seed: 1, workers: 2).Epoch(0))
        {
            using (batch)
            {
                for (var i = 0; i < batch.Count; i++)
                {
                    _store.Read((int)batch.Labels[i], expected);
                    Assert.Equal(expected, batch.Sample(i).ToArray());
                }
            }
        }
    }

    [Fact]
    public void An_epoch_can_be_left_in_the_middle()
    {
        foreach (var batch in new BatchLoader(_set, 2, new PaddedCropFlip(1, true), seed: 1, workers: 3).Epoch(1))
        {
            batch.Dispose();
            break;
        }
        Assert.Equal(12, Epoch(workers: 3, epoch: 1, batchSize: 2).Length);
    }

    public void Dispose() => _store.Dispose();

    private LoadedBatch[] Epoch(int workers, int epoch, int batchSize = 4)
    {
        var loader = new BatchLoader(_set, batchSize, new PaddedCropFlip(2, true), seed: 11, workers);
        return [.. loader.Epoch(epoch).Select(batch =>
        {
            using (batch)
            {
                return new LoadedBatch([.. Enumerable.Range(0, batch.Count)
                    .Select(i => (batch.Labels[i], Convert.ToHexString(batch.Sample(i))))]);
            }
        })];
    }

    private sealed record LoadedBatch(IReadOnlyList<(long Label, string Pixels)> Samples)
    {
        public bool Equals(LoadedBatch? other) => other is not null && Samples.SequenceEqual(other.Samples);

        public override int GetHashCode() => Samples.Count;
    }
}
