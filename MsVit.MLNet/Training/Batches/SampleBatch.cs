using System.Buffers;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The samples of one step, as the network takes them. Its memory is rented; <see cref="Dispose"/> returns it.</summary>
internal sealed class SampleBatch : IDisposable
{
    private readonly byte[] _pixels;

    public SampleBatch(SampleShape shape, int count)
    {
        Shape = shape;
        Count = count;
        _pixels = ArrayPool<byte>.Shared.Rent(shape.Bytes * count);
        Labels = new long[count];
    }

    /// <summary>The shape of one sample.</summary>
    public SampleShape Shape { get; }

    /// <summary>Samples in the batch, B.</summary>
    public int Count { get; }

    /// <summary>The class index of each sample, [B]; <see cref="SampleSet.NoLabel"/> for one without a label.</summary>
    public long[] Labels { get; }

    /// <summary>How much each sample counts in the loss, [B]; null if all count equally.</summary>
    public float[]? Weights { get; init; }

    /// <summary>The vector of each sample from the teacher, [B, width]; null without a teacher.</summary>
    public float[]? Teacher { get; init; }

    /// <summary>Samples without a label.</summary>
    public int Unlabeled => Labels.Count(label => label == SampleSet.NoLabel);

    /// <summary>How the samples are mixed, and the labels must be.</summary>
    public BatchMix Mix { get; set; } = BatchMix.None;

    /// <summary>The boxes that are erased after normalization.</summary>
    public List<ErasedBox> Erased { get; } = [];

    /// <summary>The samples one after the other, [B, C, H, W] of bytes or floats.</summary>
    public Span<byte> Pixels => _pixels.AsSpan(0, Shape.Bytes * Count);

    /// <summary>The bytes of one sample.</summary>
    public Span<byte> Sample(int index) => _pixels.AsSpan(index * Shape.Bytes, Shape.Bytes);

    /// <summary>
    /// The network's input, float32: images [B, C, H, W], normalized and erased, or event frames [T, B, C, H, W] unchanged. The caller
    /// disposes it.
    /// </summary>
    /// <param name="normalization">The normalization of images.</param>
    /// <param name="device">The target device.</param>
    public Tensor ToInput(PixelNormalization normalization, Device device)
    {
        if (Shape.IsFrames)
        {
            return FrameTensor.Make(Pixels, Count, Shape, device, Mix.FrameLambda);
        }
        var input = normalization.Apply(Pixels, Count, Shape.Height, Shape.Width, Shape.IsFloat, device);
        foreach (var box in Erased)
        {
            box.Apply(input);
        }
        return input;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_pixels);
}
