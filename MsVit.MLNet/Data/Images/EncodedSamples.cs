using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Pictures that are kept as their files were, and decoded each time.</summary>
/// <param name="store">Sealed. Its first samples may be kept as the network takes them, the rest are picture files.</param>
/// <param name="firstEncoded">The first that is a picture file.</param>
/// <param name="shape">What one sample is.</param>
/// <param name="input">What each picture is brought to.</param>
internal sealed class EncodedSamples(SampleStore store, int firstEncoded, SampleShape shape, ImageInput input) : ISampleSource
{
    private readonly ImageFitter _fitter = input.Fitter();

    /// <inheritdoc/>
    public int Count => store.Count;

    /// <inheritdoc/>
    public SampleShape Shape => shape;

    /// <summary>What is cut out of each picture; null (the default) for the whole of it, fitted as in scoring.</summary>
    public PictureCrop? Crop { get; private init; }

    /// <summary>The same pictures, of each of which a part is drawn.</summary>
    /// <exception cref="InvalidOperationException">Some pictures are no longer there.</exception>
    public EncodedSamples Cropped(PictureCrop crop) => firstEncoded == 0
        ? new(store, 0, shape, input) { Crop = crop }
        : throw new InvalidOperationException($"The first {firstEncoded} samples are decoded and fitted: nothing can be cut out of their pictures.");

    /// <inheritdoc/>
    public int Label(int sample) => store.Label(sample);

    /// <inheritdoc/>
    /// <exception cref="UndecodableImageException">The bytes, which could be read when they were added, can no longer.</exception>
    public void Write(int sample, Span<byte> target, ref RandomStream random)
    {
        if (sample < firstEncoded)
        {
            store.Read(sample, target);
            return;
        }
        var length = store.Length(sample);
        var encoded = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            store.Read(sample, encoded);
            // A crop is taken from the full scale: how small its part is, is not known before it is drawn.
            var picture = ImageDecoder.Decode(encoded.AsSpan(0, length), $"stored sample {sample}", Crop is null ? _fitter : null, input.MaxPixels);
            if (Crop is null)
            {
                _fitter.Fit(picture, target);
            }
            else
            {
                Crop(picture, target, ref random);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }
}
