using System.Buffers;
using System.Diagnostics;

namespace MsVit.MLNet;

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
/// <param name="mixing">How the samples of a batch are mixed; null (the default) for not at all.</param>
/// <param name="eraser">Draws what is erased; null (the default) for nothing.</param>
internal sealed class BatchLoader(
    SampleSet set, int batchSize, ISampleAugmentation? augmentation, ulong seed, int workers, BatchMixing? mixing = null, Eraser? eraser = null)
{
    // A crop of random size is cut out of the whole image, where that is there; the rest of the augmentation goes with it.
    private readonly EncodedSamples? _originals = set.Source is EncodedSamples encoded && augmentation is ImageAugmentation { CropsOriginals: true } image
        ? encoded.Cropped(image.Apply)
        : null;

    private Stopwatch _elapsed = new();
    private TimeSpan _waited;
    private long _busyTicks;

    /// <summary>Loads a set as a recipe wants it for training.</summary>
    /// <param name="set">The samples.</param>
    /// <param name="recipe">With the batch, the augmentation, the mixing and the erasing.</param>
    /// <param name="normalization">With the mean color.</param>
    /// <param name="seed">Of all draws.</param>
    /// <param name="workers">Batches made at the same time, 1 or more.</param>
    public static BatchLoader ForTraining(SampleSet set, TrainingRecipe recipe, PixelNormalization normalization, ulong seed, int workers)
    {
        var isFrames = set.Shape.IsFrames;
        var mixing = new BatchMixing(isFrames ? recipe.Frames.Mixing : recipe.Images.Mixing, seed);
        var eraser = isFrames || recipe.Images.Erasing is null ? null : new Eraser(recipe.Images.Erasing);
        return new(set, recipe.BatchSize, Augmentation(recipe, set.Shape, normalization), seed, workers, mixing, eraser);
    }

    /// <summary>What a recipe does to each sample.</summary>
    public static ISampleAugmentation Augmentation(TrainingRecipe recipe, SampleShape shape, PixelNormalization normalization) => shape.IsFrames
        ? new EventFrameAugmentation(recipe.Frames)
        : new ImageAugmentation(recipe.Images, shape, ImageAugmentation.MeanColor(normalization));

    /// <summary>Batches of one epoch.</summary>
    public int BatchesPerEpoch => (set.Count + batchSize - 1) / batchSize;

    /// <summary>Where the time of the latest epoch went so far.</summary>
    public LoaderTimes Times => new(_elapsed.Elapsed, _waited, Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _busyTicks)));

    /// <summary>The batches of one epoch, in order; the caller disposes each.</summary>
    /// <param name="epoch">From 1; 0 for an evaluation.</param>
    /// <param name="skip">Batches to leave out, which were seen before. The default is 0.</param>
    public IEnumerable<SampleBatch> Epoch(int epoch, int skip = 0)
    {
        (_elapsed, _waited, _busyTicks) = (Stopwatch.StartNew(), TimeSpan.Zero, 0);
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
                    pending.Enqueue(Task.Run(() => Make(part.Span, epoch, step)));
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

    private SampleBatch Make(ReadOnlySpan<int> samples, int epoch, int step)
    {
        var started = Stopwatch.GetTimestamp();
        var batch = new SampleBatch(augmentation?.Result(set.Shape) ?? set.Shape, samples.Length);
        try
        {
            Fill(batch, samples, epoch, step);
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

    private void Fill(SampleBatch batch, ReadOnlySpan<int> samples, int epoch, int step)
    {
        var raw = augmentation is { IsIdentity: false } && _originals is null ? ArrayPool<byte>.Shared.Rent(set.Shape.Bytes) : null;
        for (var i = 0; i < samples.Length; i++)
        {
            batch.Labels[i] = set.Source.Label(samples[i]);
            var random = RandomStream.For(RandomPurpose.Augmentation, seed, (ulong)epoch, (ulong)samples[i]);
            Write(samples[i], batch.Sample(i), raw, ref random);
            eraser?.Draw(i, set.Shape, ref random, batch.Erased);
        }
        if (raw is not null)
        {
            ArrayPool<byte>.Shared.Return(raw);
        }
        if (mixing is not null)
        {
            batch.Mix = mixing.Draw(epoch, step, batch.Shape);
            batch.Mix.Apply(batch.Pixels, batch.Count, batch.Shape);
        }
    }

    private void Write(int sample, Span<byte> target, byte[]? raw, ref RandomStream random)
    {
        if (raw is null)
        {
            (_originals ?? set.Source).Write(sample, target, ref random);
            return;
        }
        var stored = raw.AsSpan(0, set.Shape.Bytes);
        set.Source.Write(sample, stored, ref random);
        augmentation!.Apply(stored, set.Shape, target, ref random);
    }
}

/// <summary>Where the time of an epoch's batches went.</summary>
/// <param name="Elapsed">From the first batch asked for to now, or to the epoch's end.</param>
/// <param name="Waited">The part of it in which the consumer waited for a batch.</param>
/// <param name="Busy">The time in which batches were made, added up over the workers.</param>
internal readonly record struct LoaderTimes(TimeSpan Elapsed, TimeSpan Waited, TimeSpan Busy)
{
    /// <summary>The share of the time in which the consumer waited, 0 to 1.</summary>
    public double WaitShare => Elapsed > TimeSpan.Zero ? Waited / Elapsed : 0;
}
