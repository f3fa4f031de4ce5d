using Microsoft.ML;

namespace MsVit.MLNet;

/// <summary>Reads labeled images out of an <see cref="IDataView"/>, once, into a sample store.</summary>
internal sealed class ImageSamples
{
    private const int BatchSize = 64;
    private const int MostNamed = 10;

    private readonly List<string> _unread = [];
    private readonly StorageChoice _storage;
    private readonly ImageInput _input;
    private readonly SampleShape _shape;
    private int? _firstEncoded;

    private ImageSamples(SampleStore store, SampleShape shape, ImageInput input, StorageChoice storage)
    {
        Store = store;
        _shape = shape;
        _input = input;
        _storage = storage;
    }

    /// <summary>Where the samples lie, sealed; the caller's.</summary>
    public SampleStore Store { get; }

    /// <summary>The samples as the network takes them, fitted as in scoring.</summary>
    public ISampleSource Source => _firstEncoded is { } first ? new EncodedSamples(Store, first, _shape, _input) : new DecodedSamples(Store, _shape);

    /// <summary>How many samples are kept as the files they came in.</summary>
    public int EncodedCount => Store.Count - (_firstEncoded ?? Store.Count);

    /// <summary>Rows left out because their label is missing.</summary>
    public int MissingLabels { get; private set; }

    /// <summary>Rows left out because their image could not be read.</summary>
    public int Undecodable { get; private set; }

    /// <summary>The first few of these, each with its row, its file and the reason.</summary>
    public IReadOnlyList<string> UndecodableRows => _unread;

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="label">A key column; 0 is a missing label.</param>
    /// <param name="image">The column of images.</param>
    /// <param name="input">What each image is brought to.</param>
    /// <param name="settings">Form, memory, folder, policy and threads.</param>
    /// <exception cref="ArgumentException">Encoded images are to be kept, and the column holds none.</exception>
    /// <exception cref="IOException">The workspace is full or cannot be written.</exception>
    /// <exception cref="UndecodableImageException">An image could not be read, and the policy is to throw; the message names row and file.</exception>
    public static ImageSamples Read(IDataView data, DataViewSchema.Column label, ImageColumn image, ImageInput input, ImageSampleSettings settings)
    {
        var shape = input.Shape(image);
        var canEncode = image.Kind == ImageColumnKind.Encoded;
        if (settings.Storage == SampleStorage.Encoded && !canEncode)
        {
            throw new ArgumentException($"SampleStorage is Encoded, and column '{image.Name}' holds no encoded images. Take a column of encoded bytes "
                + "(a vector of Byte, as LoadImageFolder and LoadRawImageBytes make), or another SampleStorage.");
        }
        SpillFile.RemoveLeftovers(settings.Workspace);
        var store = new SampleStore(settings.MemoryBudget, settings.Workspace) { ExpectedCount = data.GetRowCount() };
        try
        {
            var samples = new ImageSamples(store, shape, input, new(settings.Storage, canEncode, shape.Bytes, settings.MemoryBudget));
            samples.Fill(data, label, image, input, settings);
            store.Seal();
            return samples;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private void Fill(IDataView data, DataViewSchema.Column label, ImageColumn image, ImageInput input, ImageSampleSettings settings)
    {
        var images = data.Schema[image.Name];
        DataViewSchema.Column[] needed = ImagePath.In(data.Schema) is { } path ? [label, images, path] : [label, images];
        using var cursor = data.GetRowCursor(needed);
        var key = KeyColumn.IndexReader(cursor, label);
        var batch = new ImageBatch(new ImageColumnReader(cursor, image, input), BatchSize);
        var labels = new List<int>(BatchSize);
        var more = true;
        while (more)
        {
            settings.CheckAlive();
            settings.Cancellation.ThrowIfCancellationRequested();
            batch.Clear();
            labels.Clear();
            while (batch.Count < BatchSize && (more = cursor.MoveNext()))
            {
                var index = key();
                if (index < 0)
                {
                    MissingLabels++;
                    continue;
                }
                labels.Add(index);
                batch.Capture();
            }
            Keep(batch, labels, settings);
        }
    }

    private void Keep(ImageBatch batch, List<int> labels, ImageSampleSettings settings)
    {
        if (batch.Count == 0)
        {
            return;
        }
        batch.Fit(settings.Workers);
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.Faults[i] is not { } fault)
            {
                Keep(batch, i, labels[i]);
                continue;
            }
            if (settings.Undecodable == UndecodableImagePolicy.Throw)
            {
                throw fault;
            }
            Undecodable++;
            if (_unread.Count < MostNamed)
            {
                _unread.Add(fault.Message);
            }
        }
    }

    private void Keep(ImageBatch batch, int index, int label)
    {
        var encoded = batch.Encoded(index);
        if (_storage.Encoded(encoded.Length))
        {
            _firstEncoded ??= Store.Count;
            Store.Add(encoded, label);
        }
        else
        {
            Store.Add(batch.Sample(index), label);
        }
    }
}
