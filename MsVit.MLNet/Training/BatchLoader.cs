using MsVit.MLNet.Data;
using MsVit.MLNet.Training.Augmentation;

namespace MsVit.MLNet.Training;

/// <summary>Shuffles, augments and packs samples on worker threads while the device computes.</summary>
/// <remarks>What a batch holds depends on the seed, the epoch and the samples' places alone, never on the number of workers.</remarks>
/// <param name="set">The samples.</param>
/// <param name="batchSize">Samples in a batch; the last of an epoch takes the rest.</param>
/// <param name="augmentation">What is done to each sample; null keeps order and samples as they are.</param>
/// <param name="seed">Of the order and the augmentation.</param>
/// <param name="workers">Batches made at the same time, 1 or more.</param>
/// <param name="mixing">How the samples of a batch are mixed; null (the default) for not at all.</param>
/// <param name="eraser">Draws what is erased; null (the default) for nothing.</param>
internal sealed class BatchLoader(
    SampleSet set, int batchSize, ISampleAugmentation? augmentation, ulong seed, int workers, BatchMixing? mixing = null, Eraser? eraser = null)
{
    /// <summary>Batches of one epoch.</summary>
    public int BatchesPerEpoch => (set.Count + batchSize - 1) / batchSize;

    /// <summary>The batches of one epoch, in order; the caller disposes each.</summary>
    /// <param name="epoch">From 1; 0 for an evaluation.</param>
    /// <param name="skip">Batches to leave out, which were seen before. The default is 0.</param>
    public IEnumerable<SampleBatch> Epoch(int epoch, int skip = 0)
    {
        var order = Order(epoch);
        var pending = new Queue<Task<SampleBatch>>();
        var next = Math.Min(order.Length, skip * batchSize);
        try
        {
            while (next < order.Length || pending.Count > 0)
            {
                // One more than the workers: that one is being computed on.
                while (next < order.Length && pending.Count <= workers)
                {
                    var step = next / batchSize;
                    var part = order.AsMemory(next, Math.Min(batchSize, order.Length - next));
                    pending.Enqueue(Task.Run(() => Fill(part.Span, epoch, step)));
                    next += part.Length;
                }
                yield return pending.Dequeue().GetAwaiter().GetResult();
            }
        }
        finally
        {
            while (pending.TryDequeue(out var unused))
            {
                unused.ContinueWith(t => t.Result.Dispose(), TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously);
                ((IAsyncResult)unused).AsyncWaitHandle.WaitOne();
            }
        }
    }

    private int[] Order(int epoch)
    {
        if (augmentation is null)
        {
            return set.Indices;
        }
        var order = (int[])set.Indices.Clone();
        var random = RandomStream.For(RandomPurpose.Shuffle, seed, (ulong)epoch, 0);
        random.Shuffle<int>(order);
        return order;
    }

    private SampleBatch Fill(ReadOnlySpan<int> samples, int epoch, int step)
    {
        var batch = new SampleBatch(augmentation?.Result(set.Shape) ?? set.Shape, samples.Length);
        var raw = augmentation is { IsIdentity: false } ? new byte[set.Shape.Bytes] : null;
        for (var i = 0; i < samples.Length; i++)
        {
            batch.Labels[i] = set.Store.Label(samples[i]);
            var random = RandomStream.For(RandomPurpose.Augmentation, seed, (ulong)epoch, (ulong)samples[i]);
            if (raw is null)
            {
                set.Store.Read(samples[i], batch.Sample(i));
            }
            else
            {
                set.Store.Read(samples[i], raw);
                augmentation!.Apply(raw, set.Shape, batch.Sample(i), ref random);
            }
            eraser?.Draw(i, set.Shape, ref random, batch.Erased);
        }
        if (mixing is not null)
        {
            batch.Mix = mixing.Draw(epoch, step, batch.Shape);
            batch.Mix.Apply(batch.Pixels, batch.Count, batch.Shape);
        }
        return batch;
    }
}
