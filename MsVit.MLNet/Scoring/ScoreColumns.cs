using Microsoft.ML;
using Microsoft.ML.Data;

namespace MsVit.MLNet;

/// <summary>The two columns that scoring adds, with the annotations that ML.NET's evaluators and MapKeyToValue use.</summary>
/// <param name="PredictedLabel">The name of the key column with the most probable class.</param>
/// <param name="Score">The name of the vector column with the probability of each class.</param>
internal sealed record ScoreColumns(string PredictedLabel, string Score)
{
    /// <summary>Appends the two columns to a schema, PredictedLabel first.</summary>
    public DataViewSchema AddTo(DataViewSchema input, LabelValues labels)
    {
        var set = input.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1;

        var predicted = new DataViewSchema.Annotations.Builder();
        labels.AddTo(predicted, AnnotationUtils.Kinds.KeyValues);
        AddScoreKind(predicted, set, AnnotationUtils.Const.ScoreValueKind.PredictedLabel);

        var score = new DataViewSchema.Annotations.Builder();
        if (labels.IsText)
        {
            labels.AddTo(score, AnnotationUtils.Kinds.SlotNames);
        }
        labels.AddTo(score, AnnotationUtils.Kinds.TrainingLabelValues);
        AddScoreKind(score, set, AnnotationUtils.Const.ScoreValueKind.Score);

        var schema = new DataViewSchema.Builder();
        schema.AddColumns(input);
        schema.AddColumn(PredictedLabel, new KeyDataViewType(typeof(uint), labels.Count), predicted.ToAnnotations());
        schema.AddColumn(Score, new VectorDataViewType(NumberDataViewType.Single, labels.Count), score.ToAnnotations());
        return schema.ToSchema();
    }

    /// <summary>Adds the two columns to the shape of a schema, before training.</summary>
    public SchemaShape AddTo(SchemaShape input, SchemaShape.Column label)
    {
        var hasValues = label.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out var values)
            && values.Kind == SchemaShape.Column.VectorKind.Vector && LabelValueCodec.For(values.ItemType) is not null;
        var kinds = AnnotationUtils.GetTrainerOutputAnnotation().ToArray();

        SchemaShape.Column[] predicted = hasValues
            ? [new(AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, values.ItemType, false), .. kinds]
            : kinds;
        SchemaShape.Column[] score = hasValues
            ? [new(AnnotationUtils.Kinds.TrainingLabelValues, SchemaShape.Column.VectorKind.Vector, values.ItemType, false), .. kinds]
            : kinds;
        if (hasValues && values.ItemType is TextDataViewType)
        {
            score = [new(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, values.ItemType, false), .. score];
        }

        var columns = input.ToDictionary(column => column.Name);
        columns[PredictedLabel] = new(
            PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, new SchemaShape(predicted));
        columns[Score] = new(
            Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(score));
        return new(columns.Values);
    }

    private static void AddScoreKind(DataViewSchema.Annotations.Builder builder, uint set, string valueKind)
    {
        builder.Add(AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, (ref uint value) => value = set);
        builder.Add(AnnotationUtils.Kinds.ScoreColumnKind, TextDataViewType.Instance,
            (ref ReadOnlyMemory<char> value) => value = AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification.AsMemory());
        builder.Add(AnnotationUtils.Kinds.ScoreValueKind, TextDataViewType.Instance,
            (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
    }
}
