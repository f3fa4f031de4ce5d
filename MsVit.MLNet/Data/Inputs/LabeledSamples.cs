using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>Labeled images or frames, read once from an <see cref="IDataView"/> into a sample store.</summary>
internal sealed class LabeledSamples
{
    private const int BatchSize = 64;
    private const int MostNamed = 10;

    private readonly List<string> _unread = [];
    private readonly StorageChoice _storage;
    private readonly InputConfig _config;
    private readonly SampleShape _shape;
    private int? _firstEncoded;
    private List<float>? _weights;

    private LabeledSamples(SampleStore store, SampleShape shape, InputConfig config, StorageChoice storage)
    {
        Store = store;
        _shape = shape;
        _config = config;
        _storage = storage;
    }

    /// <summary>The sealed store of the samples; the caller disposes it.</summary>
    public SampleStore Store { get; }

    /// <summary>The samples fitted to the network's input, as in scoring.</summary>
    public ISampleSource Source => _firstEncoded is { } first
        ? new EncodedSamples(Store, first, _shape, _config)
        : new DecodedSamples(Store, _shape);

    /// <summary>How much each sample counts in the loss; null if all count equally.</summary>
    public float[]? Weights => _weights is null ? null : [.. _weights];

    /// <summary>The vectors of the teacher; null without one. The caller disposes them.</summary>
    public TeacherVectors? Teacher { get; private set; }

    /// <summary>How many samples are kept as encoded image files.</summary>
    public int EncodedCount => Store.Count - (_firstEncoded ?? Store.Count);

    /// <summary>Rows left out because their label is missing.</summary>
    public int MissingLabels { get; private set; }

    /// <summary>Samples without a label, kept for the teacher.</summary>
    public int Unlabeled { get; private set; }

    /// <summary>Rows left out because their image or recording could not be read.</summary>
    public int Undecodable { get; private set; }

    /// <summary>The first few of these, each with its row, its file and the reason.</summary>
    public IReadOnlyList<string> UndecodableRows => _unread;

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="label">A key column; 0 is a missing label.</param>
    /// <param name="input">The input column.</param>
    /// <param name="config">The network's input, which each value is fitted to.</param>
    /// <param name="settings">Storage, memory, folder, policy and threads.</param>
    /// <exception cref="ArgumentException">Encoded images are to be kept, but the column holds none.</exception>
    /// <exception cref="InvalidDataException">
    /// The weight of a row is negative or not finite, or a value of its teacher's vector is not finite; the message names the row.
    /// </exception>
    /// <exception cref="IOException">The workspace is full or cannot be written.</exception>
    /// <exception cref="UndecodableImageException">An input could not be read, and the policy is to throw; the message names the
    /// row.</exception>
    public static LabeledSamples Read(
        IDataView data, DataViewSchema.Column label, InputColumn input, InputConfig config, LabeledSampleSettings settings)
    {
        var shape = config.Shape(input);
        var canEncode = input.Kind == InputColumnKind.Encoded;
        if (settings.Storage == SampleStorage.Encoded && !canEncode)
        {
            throw new ArgumentException(
                $"SampleStorage is Encoded, but column '{input.Name}' holds no encoded images. Use a column of encoded bytes "
                + "(a vector of Byte, as LoadImageFolder and LoadRawImageBytes make) or another SampleStorage.");
        }
        SpillFile.RemoveLeftovers(settings.Workspace);
        var store = new SampleStore(settings.MemoryBudget, settings.Workspace) { ExpectedCount = data.GetRowCount() };
        var samples = new LabeledSamples(store, shape, config, new(settings.Storage, canEncode, shape.Bytes, settings.MemoryBudget));
        try
        {
            samples.Fill(data, label, input, settings);
            store.Seal();
            samples.Teacher?.Store.Seal();
            return samples;
        }
        catch
        {
            samples.Teacher?.Dispose();
            store.Dispose();
            throw;
        }
    }

    private void Fill(IDataView data, DataViewSchema.Column label, InputColumn input, LabeledSampleSettings settings)
    {
        var values = data.Schema[input.Name];
        DataViewSchema.Column[] needed = InputPath.In(data.Schema) is { } path ? [label, values, path] : [label, values];
        string?[] more = [settings.WeightColumnName, settings.TeacherColumnName];
        using var cursor = data.GetRowCursor([.. needed, .. more.OfType<string>().Select(name => data.Schema[name])]);
        var key = KeyColumn.IndexReader(cursor, label);
        var weight = ExampleWeights.Reader(cursor, settings.WeightColumnName);
        _weights = settings.WeightColumnName is null ? null : [];
        var teacher = settings.TeacherColumnName is { } column ? TeacherColumn.Reader(cursor, column) : null;
        Teacher = settings.TeacherColumnName is { } vectors
            ? new(((VectorDataViewType)data.Schema[vectors].Type).Size, settings.MemoryBudget, settings.Workspace)
            : null;
        var batch = new InputBatch(new InputColumnReader(cursor, input, _config), BatchSize);
        var rows = new List<LabeledRow>(BatchSize);
        var isMore = true;
        while (isMore)
        {
            settings.CheckAlive();
            settings.Cancellation.ThrowIfCancellationRequested();
            batch.Clear();
            rows.Clear();
            while (batch.Count < BatchSize && (isMore = InputFault.MoveNext(cursor)))
            {
                var index = key();
                if (index == SampleSet.NoLabel && teacher is null)
                {
                    MissingLabels++;
                    continue;
                }
                rows.Add(new(index, weight(), teacher?.Invoke()));
                batch.Capture();
            }
            Keep(batch, rows, settings);
        }
    }

    private void Keep(InputBatch batch, List<LabeledRow> rows, LabeledSampleSettings settings)
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
                Keep(batch, i, rows[i]);
                continue;
            }
            InputFault.Check(fault, settings.Undecodable);
            Undecodable++;
            if (_unread.Count < MostNamed)
            {
                _unread.Add(fault.Message);
            }
        }
    }

    private void Keep(InputBatch batch, int index, LabeledRow row)
    {
        _weights?.Add(row.Weight);
        Teacher?.Add(row.Teacher);
        Unlabeled += row.Label == SampleSet.NoLabel ? 1 : 0;
        var encoded = batch.Encoded(index);
        if (_storage.Encoded(encoded.Length))
        {
            _firstEncoded ??= Store.Count;
            Store.Add(encoded, row.Label);
        }
        else
        {
            Store.Add(batch.Sample(index), row.Label);
        }
    }

    private readonly record struct LabeledRow(int Label, float Weight, float[]? Teacher);
}
