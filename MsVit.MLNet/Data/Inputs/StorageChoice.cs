namespace MsVit.MLNet;

/// <summary>Decides for each image whether to keep it encoded or decoded. Once one is kept encoded, all later ones are too.</summary>
/// <remarks>
/// Which form is smaller depends on the network's input: 224 x 224 pixels are 147 KiB, more than the JPEG of a photograph; 32 x 32
/// pixels are 3 KiB. Samples that exceed the memory budget go to files in the smaller form, judged by the images so far.
/// </remarks>
/// <param name="storage">The caller's choice.</param>
/// <param name="canEncode">Whether the images come as encoded files.</param>
/// <param name="decodedBytes">Bytes of a decoded sample.</param>
/// <param name="memoryBudget">Bytes of samples that are kept in memory.</param>
internal sealed class StorageChoice(SampleStorage storage, bool canEncode, int decodedBytes, long memoryBudget)
{
    private long _images;
    private long _encodedBytes;
    private bool? _encoded = !canEncode || storage == SampleStorage.Decoded ? false : storage == SampleStorage.Encoded ? true : null;

    /// <summary>Whether to keep the next image encoded.</summary>
    /// <param name="encodedBytes">Bytes of the encoded image.</param>
    public bool Encoded(int encodedBytes)
    {
        if (_encoded is { } decided)
        {
            return decided;
        }
        _images++;
        _encodedBytes += encodedBytes;
        if (_images * decodedBytes <= memoryBudget)
        {
            return false;
        }
        _encoded = _encodedBytes < _images * decodedBytes;
        return _encoded.Value;
    }
}
