using Microsoft.ML;

namespace MsVit.MLNet.Data.Images;

/// <summary>Reads labelled pictures out of an <see cref="IDataView"/>, once, into a sample store.</summary>
internal sealed class ImageSamples
{
    private const int BatchSize = 64;
    private const int MostNamed = 10;

    private readonly List<string> _unread = [];

    private ImageSamples(SampleStore store, SampleShape shape)
    {
        Store = store;
        Shape = shape;
    }

    /// <summary>The samples, sealed; the caller's.</summary>
    public SampleStore Store { get; }

    /// <summary>What one sample is.</summary>
    public SampleShape Shape { get; }

    /// <summary>Rows left out because their label is missing.</summary>
    public int MissingLabels { get; private set; }

    /// <summary>Rows left out because their picture could not be read.</summary>
    public int Undecodable { get; private set; }

    /// <summary>The first few of these, each with its row, its file and the reason.</summary>
    public IReadOnlyList<string> UndecodableRows => _unread;

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="label">A key column; 0 is a missing label.</param>
    /// <param name="image">The column of pictures.</param>
    /// <param name="input">What each picture is brought to.</param>
    /// <param name="settings">Memory, folder, policy and threads.</param>
    /// <exception cref="UndecodableImageException">A picture could not be read, and the policy is to throw; the message names row and file.</exception>
    public static ImageSamples Read(IDataView data, DataViewSchema.Column label, ImageColumn image, ImageInput input, ImageSampleSettings settings)
    {
        var shape = input.Shape(image);
        var store = new SampleStore(shape.Bytes, settings.MemoryBudget, settings.Workspace);
        try
        {
            var samples = new ImageSamples(store, shape);
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
        var pictures = data.Schema[image.Name];
        DataViewSchema.Column[] needed = ImagePath.In(data.Schema) is { } path ? [label, pictures, path] : [label, pictures];
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
                Store.Add(batch.Sample(i), labels[i]);
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
}
