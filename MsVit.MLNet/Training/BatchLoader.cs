using System.Buffers;
using System.Diagnostics;
using MsVit.MLNet.Data;
using MsVit.MLNet.Training.Augmentation;

namespace MsVit.MLNet.Training;

/// <summary>Shuffles, decodes, augments and packs samples on worker threads while the device computes.</summary>
/// <remarks>
/// What a batch holds depends on the seed, the epoch and the samples' places alone, never on the number of workers. At most one batch
/// more than the workers is in memory.
/// </remarks>
/// <param name="set">The samples.</param>
/// <param name="batchSize">Samples in a batch; the last of an epoch takes the rest.</param>
/// <param name="augmentation">What is done to each sample; null keeps order and samples as they are.</param>
/// <param name="seed">Of the order and the augmentation.</param>
/// <param name="workers">Batches made at the same time, 1 or more.</param>
internal sealed class BatchLoader(SampleSet set, int batchSize, ISampleAugmentation? augmentation, ulong seed, int workers)
{
    private Stopwatch _elapsed = new();
    private TimeSpan _waited;
    private long _busyTicks;

    /// <summary>Batches of one epoch.</summary>
    public int BatchesPerEpoch => (set.Count + batchSize - 1) / batchSize;

    /// <summary>Where the time of the latest epoch went so far.</summary>
    public LoaderTimes Times => new(_elapsed.Elapsed, _waited, Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _busyTicks)));

    /// <summary>The batches of one epoch, in order; the caller disposes each.</summary>
    public IEnumerable<SampleBatch> Epoch(int epoch)
    {
        (_elapsed, _waited, _busyTicks) = (Stopwatch.StartNew(), TimeSpan.Zero, 0);
        var order = Order(epoch);
        var pending = new Queue<Task<SampleBatch>>();
        var next = 0;
        try
        {
            while (next < order.Length || pending.Count > 0)
            {
                // One more than the workers: that one is being computed on.
                while (next < order.Length && pending.Count <= workers)
                {
                    var part = order.AsMemory(next, Math.Min(batchSize, order.Length - next));
                    pending.Enqueue(Task.Run(() => Make(part.Span, epoch)));
                    next += part.Length;
                }
                var asked = _elapsed.Elapsed;
                var batch = pending.Dequeue().GetAwaiter().GetResult();
                _waited += _elapsed.Elapsed - asked;
                yield return batch;
            }
        }
        finally
        {
            _elapsed.Stop();
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

    private SampleBatch Make(ReadOnlySpan<int> samples, int epoch)
    {
        var started = Stopwatch.GetTimestamp();
        var batch = new SampleBatch(augmentation?.Result(set.Shape) ?? set.Shape, samples.Length);
        try
        {
            Fill(batch, samples, epoch);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        finally
        {
            Interlocked.Add(ref _busyTicks, Stopwatch.GetTimestamp() - started);
        }
    }

    private void Fill(SampleBatch batch, ReadOnlySpan<int> samples, int epoch)
    {
        var bytes = set.Shape.Bytes;
        var raw = augmentation is { IsIdentity: false } ? ArrayPool<byte>.Shared.Rent(bytes) : null;
        for (var i = 0; i < samples.Length; i++)
        {
            batch.Labels[i] = set.Source.Label(samples[i]);
            var random = RandomStream.For(RandomPurpose.Augmentation, seed, (ulong)epoch, (ulong)samples[i]);
            if (raw is null)
            {
                set.Source.Write(samples[i], batch.Sample(i), ref random);
                continue;
            }
            set.Source.Write(samples[i], raw.AsSpan(0, bytes), ref random);
            augmentation!.Apply(raw.AsSpan(0, bytes), set.Shape, batch.Sample(i), ref random);
        }
        if (raw is not null)
        {
            ArrayPool<byte>.Shared.Return(raw);
        }
    }
}
