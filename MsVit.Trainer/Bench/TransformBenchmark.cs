using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using SkiaSharp;

namespace MsVit.Trainer.Bench;

/// <summary>Encoded PNG files through a transformer's data view, score by score; bounded by the same model over pixels in
/// batches.</summary>
internal static class TransformBenchmark
{
    // From the second batch on, decoding and computing overlap.
    private const int Batches = 2;
    private const int Images = Batches * ScoringView.BatchSize;

    public static BenchmarkRow Run(string name, string preset, BenchmarkSettings settings)
    {
        using var model = BenchmarkModel.Create(preset, Precision.Float32, settings);
        using var eager = new MsVitModel(model.Network, model.Card, model.Device, Backend.Eager);
        var size = model.Card.Input.Height;
        var files = DrawnImages.Encoded(Images, size, SKEncodedImageFormat.Png);
        var data = new RowsDataView(Images, RowColumn.Of(ImageColumns.Image, new VectorDataViewType(NumberDataViewType.Byte),
            (int row, ref VBuffer<byte> value) => value = new(files[row].Length, files[row])));
        var (view, eagerView) = (new ScoringView(data.Schema, data, model), new ScoringView(data.Schema, data, eager));
        var pixels = DrawnImages.Planar(ScoringView.BatchSize, size);
        return EagerComparison.Run(name, settings, Transform, new Bound(ScoreAlone, Work: 1)).AsImagesPerSecond(Images);

        void Transform(Backend backend)
        {
            var transformed = backend == Backend.Eager ? eagerView : view;
            var column = transformed.Schema[model.Card.Columns.Score];
            using var cursor = transformed.GetRowCursor([column]);
            var getter = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> score = default;
            while (cursor.MoveNext())
            {
                getter(ref score);
            }
        }

        void ScoreAlone()
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                model.Score(pixels, DrawnImages.Shape(size), ScoringView.BatchSize);
            }
        }
    }
}
