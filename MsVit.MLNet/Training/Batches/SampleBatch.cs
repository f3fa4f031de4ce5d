using System.Buffers;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The samples of one step, as the network takes them. Its memory is rented; <see cref="Dispose"/> returns it.</summary>
/// <remarks>
/// Labels, weights and vectors are those of the whole batch, because a sample's share of the loss depends on all of them. Pixels are only
/// those that this rank needs: of its own samples and, in a mixed batch, of the samples at the mirrored positions.
/// </remarks>
internal sealed class SampleBatch : IDisposable
{
    private readonly byte[] _pixels;

    // The positions whose pixels are here, in order. Mirrored, they are the same positions, so they mix like a batch of their own.
    private readonly int[] _held;

    /// <param name="shape">The shape of one sample.</param>
    /// <param name="count">Samples in the whole batch.</param>
    /// <param name="own">The samples of this rank; null (the default) for all.</param>
    /// <param name="mix">How the samples will be mixed; by default they are not.</param>
    public SampleBatch(SampleShape shape, int count, (int First, int End)? own = null, BatchMix? mix = null)
    {
        (Shape, Count, Own, Mix) = (shape, count, own ?? (0, count), mix ?? BatchMix.None);
        _held = [.. Enumerable.Range(0, count).Where(position => IsOwn(position) || (Mix.Lambda < 1 && IsOwn(count - 1 - position)))];
        _pixels = ArrayPool<byte>.Shared.Rent(shape.Bytes * _held.Length);
        Labels = new long[count];
    }

    /// <summary>The shape of one sample.</summary>
    public SampleShape Shape { get; }

    /// <summary>Samples in the whole batch, B.</summary>
    public int Count { get; }

    /// <summary>The samples of this rank, which <see cref="ToInput"/> gives.</summary>
    public (int First, int End) Own { get; }

    /// <summary>The class index of each sample, [B]; <see cref="SampleSet.NoLabel"/> for one without a label.</summary>
    public long[] Labels { get; }

    /// <summary>How much each sample counts in the loss, [B]; null if all count equally.</summary>
    public float[]? Weights { get; init; }

    /// <summary>The vector of each sample from the teacher, [B, width]; null without a teacher.</summary>
    public float[]? Teacher { get; init; }

    /// <summary>Samples without a label.</summary>
    public int Unlabeled => Labels.Count(label => label == SampleSet.NoLabel);

    /// <summary>How the samples are mixed, and the labels must be.</summary>
    public BatchMix Mix { get; }

    /// <summary>The boxes that are erased after normalization, by the position among <see cref="Own"/>.</summary>
    public List<ErasedBox> Erased { get; } = [];

    /// <summary>Makes the same batch again, with the samples that this rank has now.</summary>
    public Func<SampleBatch> Remade { get; init; } =
        static () => throw new InvalidOperationException("The batch lacks samples of this rank, and nothing can load them.");

    /// <summary>How many samples have their pixels here.</summary>
    public int Held => _held.Length;

    /// <summary>These samples one after the other, [held, C, H, W] of bytes or floats.</summary>
    public Span<byte> Pixels => _pixels.AsSpan(0, Shape.Bytes * Held);

    /// <summary>Whether the pixels of a sample are here.</summary>
    public bool Holds(int position) => Place(position) >= 0;

    /// <summary>Whether a sample is one of <see cref="Own"/>.</summary>
    public bool IsOwn(int position) => position >= Own.First && position < Own.End;

    /// <summary>Whether all of these samples are among <see cref="Own"/>.</summary>
    public bool Has((int First, int End) samples) =>
        samples.First >= samples.End || (samples.First >= Own.First && samples.End <= Own.End);

    /// <summary>The bytes of one sample.</summary>
    /// <param name="position">Its position in the whole batch; <see cref="Holds"/> must be true.</param>
    public Span<byte> Sample(int position) => _pixels.AsSpan(Place(position) * Shape.Bytes, Shape.Bytes);

    /// <summary>
    /// The network's input, float32: images [own, C, H, W], normalized and erased, or event frames [T, own, C, H, W] unchanged. The caller
    /// disposes it.
    /// </summary>
    /// <param name="normalization">The normalization of images.</param>
    /// <param name="device">The target device.</param>
    public Tensor ToInput(PixelNormalization normalization, Device device)
    {
        var (place, count) = (Place(Own.First), Own.End - Own.First);
        if (Shape.IsFrames && count < Held && Mix.FrameLambda < 1)
        {
            using var scope = NewDisposeScope();
            return scope.MoveToOuter(
                FrameTensor.Make(Pixels, Held, Shape, device, Mix.FrameLambda).narrow(1, place, count).contiguous());
        }
        var own = Pixels.Slice(place * Shape.Bytes, count * Shape.Bytes);
        if (Shape.IsFrames)
        {
            return FrameTensor.Make(own, count, Shape, device, Mix.FrameLambda);
        }
        var input = normalization.Apply(own, count, Shape.Height, Shape.Width, Shape.IsFloat, device);
        foreach (var box in Erased)
        {
            box.Apply(input);
        }
        return input;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_pixels);

    private int Place(int position) => Held == Count ? position : Array.BinarySearch(_held, position);
}
