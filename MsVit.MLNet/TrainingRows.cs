using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MsVit.MLNet;

/// <summary>Finds the trainer's columns in data, with ML.NET's errors where they do not fit, and reads the samples.</summary>
internal sealed class TrainingRows(IHost host, MsVitOptions options, IChannel channel)
{
    /// <summary>The label: a key of at least two classes.</summary>
    public DataViewSchema.Column LabelColumn(DataViewSchema schema, string parameter)
    {
        if (schema.GetColumnOrNull(options.LabelColumnName) is not { } column)
        {
            throw host.ExceptSchemaMismatch(parameter, "label", options.LabelColumnName);
        }
        if (column.Type is not KeyDataViewType key)
        {
            throw host.ExceptSchemaMismatch(parameter, "label", column.Name, "a key (use MapValueToKey)", column.Type.ToString()!);
        }
        if (key.Count is < 2 or > int.MaxValue)
        {
            throw host.ExceptSchemaMismatch(parameter, "label", column.Name, "a key of at least 2 classes", column.Type.ToString()!);
        }
        return column;
    }

    /// <summary>The column of images or frames.</summary>
    public ImageColumn InputColumn(DataViewSchema schema, string parameter)
    {
        if (schema.GetColumnOrNull(options.InputColumnName) is not { } column)
        {
            throw host.ExceptSchemaMismatch(parameter, options.InputRole, options.InputColumnName);
        }
        return ImageColumn.From(column)
            ?? throw host.ExceptSchemaMismatch(parameter, options.InputRole, column.Name, options.ExpectedInput, column.Type.ToString()!);
    }

    /// <summary>The form in which training samples are kept: as their files where a crop of random size wants the originals and they can be had.</summary>
    public SampleStorage TrainingStorage(ImageColumn image) =>
        options is { SampleStorage: SampleStorage.Auto, Recipe.Images.RandomResizedCrop: not null } && image.Kind == ImageColumnKind.Encoded
            ? SampleStorage.Encoded
            : options.SampleStorage;

    /// <summary>Reads all samples, and says in the log what was left out.</summary>
    public ImageSamples Read(IDataView data, DataViewSchema.Column label, ImageColumn image, ImageInput input, string what, SampleStorage storage)
    {
        var samples = ImageSamples.Read(data, label, image, input, new ImageSampleSettings
        {
            Storage = storage,
            MemoryBudget = options.MemoryBudget,
            Workspace = options.WorkspacePath ?? Path.Combine(((IHostEnvironmentInternal)host).TempFilePath, "msvit"),
            Undecodable = options.Undecodable,
            Workers = Environment.ProcessorCount,
            CheckAlive = host.CheckAlive,
            Cancellation = options.CancellationToken,
        });
        channel.Info($"Read {samples.Store.Count} {what} samples ({samples.EncodedCount} of them encoded; {samples.Store.SpilledBytes} of {samples.Store.TotalBytes} bytes in files).");
        if (samples.MissingLabels > 0)
        {
            channel.Warning($"{samples.MissingLabels} {what} rows have no label and are left out.");
        }
        if (samples.Undecodable > 0)
        {
            channel.Warning($"{samples.Undecodable} {what} images could not be read and are left out, the first of them: {string.Join("; ", samples.UndecodableRows)}");
        }
        return samples;
    }

    /// <summary>Reads the validation samples, whose classes must be those of the training label.</summary>
    public ImageSamples ReadValidation(IDataView validationData, DataViewSchema.Column trainLabel, ImageInput input)
    {
        var label = LabelColumn(validationData.Schema, nameof(validationData));
        if (!label.Type.Equals(trainLabel.Type) || !LabelValues.Of(label).Values.SequenceEqual(LabelValues.Of(trainLabel).Values))
        {
            throw new ArgumentException(
                $"The label of the validation data has other classes ({label.Type}) than that of the training data ({trainLabel.Type}): "
                + "map both with the same fitted MapValueToKey.", nameof(validationData));
        }
        return Read(validationData, label, InputColumn(validationData.Schema, nameof(validationData)), input, "validation", options.SampleStorage);
    }
}
