using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MsVit.MLNet;

/// <summary>Finds the trainer's columns in the data, with ML.NET's errors if they do not fit, and reads the samples.</summary>
internal sealed class TrainingRows(IHost host, MsVitOptions options, TrainingLog log)
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

    /// <summary>The column that the network reads: images or frames.</summary>
    public InputColumn InputColumn(DataViewSchema schema, string parameter)
    {
        if (schema.GetColumnOrNull(options.InputColumnName) is not { } column)
        {
            throw OtherKind.Note(schema.Select(other => other.Name), options.TakesFrames) is { Length: > 0 } kind
                ? new ArgumentException($"{kind}There is no column '{options.InputColumnName}'.", parameter)
                : host.ExceptSchemaMismatch(parameter, options.InputRole, options.InputColumnName);
        }
        return MLNet.InputColumn.From(column)
            ?? throw host.ExceptSchemaMismatch(
                parameter, options.InputRole, column.Name, options.ExpectedInput, column.Type.ToString()!);
    }

    /// <summary>Checks that there is a column of example weights, if the options name one.</summary>
    public void CheckWeightColumn(DataViewSchema schema, string parameter)
    {
        if (options.ExampleWeightColumnName is not { } name)
        {
            return;
        }
        if (schema.GetColumnOrNull(name) is not { } column)
        {
            throw host.ExceptSchemaMismatch(parameter, "example weight", name);
        }
        if (column.Type != NumberDataViewType.Single)
        {
            throw host.ExceptSchemaMismatch(
                parameter, "example weight", name, NumberDataViewType.Single.ToString(), column.Type.ToString()!);
        }
    }

    /// <summary>Checks the column of the teacher's vectors, if the options name one.</summary>
    public void CheckTeacherColumn(DataViewSchema schema, int classes, string parameter)
    {
        if (options.TeacherColumnName is not { } name)
        {
            return;
        }
        if (schema.GetColumnOrNull(name) is not { } column)
        {
            throw host.ExceptSchemaMismatch(parameter, "teacher", name);
        }
        if (column.Type is not VectorDataViewType { Size: > 0 and var width } vector || vector.ItemType != NumberDataViewType.Single)
        {
            throw host.ExceptSchemaMismatch(parameter, "teacher", name, TeacherColumn.Expected, column.Type.ToString()!);
        }
        if (options.Recipe.Teacher?.Kind == TeacherKind.Scores && width != classes)
        {
            throw new ArgumentException(
                $"Recipe.Teacher.Kind is Scores, which takes one value per class: the label '{options.LabelColumnName}' has {classes} "
                + $"classes, and the teacher's column '{name}' has {width} values. Use a teacher of the same classes, or "
                + "Kind = TeacherKind.Features.", parameter);
        }
    }

    /// <summary>Reads the training samples, then the validation samples.</summary>
    public TrainingSamples Read(IDataView trainData, IDataView? validationData, TrainingTask task)
    {
        var training = Read(
            trainData, task.Label, task.Column, task.Input, "training", TrainingStorage(task.Column), isTraining: true);
        try
        {
            var validation = validationData is null ? null : ReadValidation(validationData, task);
            return new(training, validation, options.ValidationFraction, task.Seed);
        }
        catch
        {
            training.Teacher?.Dispose();
            training.Store.Dispose();
            throw;
        }
    }

    // A random resized crop needs the original images, so they are kept encoded if the column holds files.
    private SampleStorage TrainingStorage(InputColumn column) =>
        options is { SampleStorage: SampleStorage.Auto, Recipe.Images.RandomResizedCrop: not null }
            && column.Kind == InputColumnKind.Encoded
            ? SampleStorage.Encoded
            : options.SampleStorage;

    private LabeledSamples ReadValidation(IDataView validationData, TrainingTask task)
    {
        var label = LabelColumn(validationData.Schema, nameof(validationData));
        if (!label.Type.Equals(task.Label.Type) || !LabelValues.Of(label).Values.SequenceEqual(task.Labels.Values))
        {
            throw new ArgumentException(
                $"The label of the validation data has other classes ({label.Type}) than that of the training data ({task.Label.Type}): "
                + "map both with the same fitted MapValueToKey.", nameof(validationData));
        }
        var column = InputColumn(validationData.Schema, nameof(validationData));
        return Read(validationData, label, column, task.Input, "validation", options.SampleStorage);
    }

    private LabeledSamples Read(
        IDataView data, DataViewSchema.Column label, InputColumn column, InputConfig input, string what, SampleStorage storage,
        bool isTraining = false)
    {
        var samples = LabeledSamples.Read(data, label, column, input, new()
        {
            WeightColumnName = isTraining ? options.ExampleWeightColumnName : null,
            TeacherColumnName = isTraining ? options.TeacherColumnName : null,
            Storage = storage,
            MemoryBudget = options.MemoryBudget / options.Group.LocalSize,
            Workspace = options.WorkspacePath ?? Path.Combine(((IHostEnvironmentInternal)host).TempFilePath, "msvit"),
            Undecodable = options.Undecodable,
            Workers = RankShare.Readers(options),
            CheckAlive = host.CheckAlive,
            Cancellation = options.CancellationToken,
        });
        log.Samples(what, samples);
        return samples;
    }
}
