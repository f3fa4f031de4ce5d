using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Images that are kept as their files were, and decoded each time.</summary>
/// <param name="store">Sealed. Its first samples may be kept as the network takes them, the rest are image files.</param>
/// <param name="firstEncoded">The first that is an image file.</param>
/// <param name="shape">What one sample is.</param>
/// <param name="input">What each image is brought to.</param>
internal sealed class EncodedSamples(SampleStore store, int firstEncoded, SampleShape shape, ImageInput input) : ISampleSource
{
    private readonly ImageFitter _fitter = input.Fitter();

    /// <inheritdoc/>
    public int Count => store.Count;

    /// <inheritdoc/>
    public SampleShape Shape => shape;

    /// <summary>What is cut out of each image; null (the default) for the whole of it, fitted as in scoring.</summary>
    public ImageCrop? Crop { get; private init; }

    /// <summary>The same images, of each of which a part is drawn.</summary>
    /// <exception cref="InvalidOperationException">Some images are no longer there.</exception>
    public EncodedSamples Cropped(ImageCrop crop) => firstEncoded == 0
        ? new(store, 0, shape, input) { Crop = crop }
        : throw new InvalidOperationException($"The first {firstEncoded} samples are decoded and fitted: nothing can be cut out of their images.");

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
            var image = ImageDecoder.Decode(encoded.AsSpan(0, length), $"stored sample {sample}", Crop is null ? _fitter : null, input.MaxPixels);
            if (Crop is null)
            {
                _fitter.Fit(image, target);
            }
            else
            {
                Crop(image, target, ref random);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }
}
