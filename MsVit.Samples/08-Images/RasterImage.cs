using System.Globalization;
using MsVit.MLNet.Analysis;
using MsVit.MLNet.Events;
using MsVit.MLNet.Hosting;

namespace MsVit.Samples.Images;

/// <summary>One recording on its way through a network: the frames, the spikes of some layers, the answer after each time step.</summary>
internal static class RasterImage
{
    private const int CameraSize = 34;
    private const ulong TestSeed = 2;
    private const int Left = 190;
    private const int Right = 70;
    private const int Top = 36;
    private const int Column = 80;
    private const int Gap = 4;
    private const int Neuron = 3;
    private const int Between = 22;

    /// <summary>Draws the first test recording that the network recognizes.</summary>
    public static async Task Write(FileInfo file, FileInfo model, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMsVit(options => options.ModelPath = model.FullName);
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var predictor = host.Services.GetRequiredService<IMsVitPredictor>();
        var shapes = new SimulatedShapes(TestSeed, CameraSize);
        for (var sample = 0; sample < SimulatedShapes.ClassNames.Count; sample++)
        {
            var clip = EventClip.FromEvents(shapes.Record(sample), new SensorSize(CameraSize, CameraSize));
            var prediction = await predictor.PredictAsync(clip, new PredictionSettings { Insight = true }, cancellationToken);
            if (prediction.Label == SimulatedShapes.ClassNames[SimulatedShapes.Label(sample)])
            {
                Draw(prediction, predictor.Model.Labels).Write(file);
                Console.WriteLine($"{file.Name}: {prediction.Label}, recording {sample} of the test set.");
                await host.StopAsync(cancellationToken);
                return;
            }
        }
        throw new InvalidOperationException(
            $"{model.Name} recognizes none of {SimulatedShapes.ClassNames.Count} recordings; train it for longer.");
    }

    private static SvgImage Draw(MsVitPrediction prediction, IReadOnlyList<string> labels)
    {
        var (insight, frames) = (prediction.Insight!, prediction.Frames!);
        var layers = Shown(insight.Layers);
        var width = Left + (insight.TimeSteps * Column) + Right;
        var height = Top + Column + layers.Sum(layer => Between + (layer.Raster.Count * Neuron)) + Between + 52;
        var image = new SvgImage(
            width, height, $"The spikes of a network that recognizes a moving {prediction.Label}, over {insight.TimeSteps} time steps");
        foreach (var t in Enumerable.Range(0, insight.TimeSteps))
        {
            image.Text(Left + ((t + 0.5) * Column), Top - 12, $"t = {t + 1}", SvgImage.Soft, "middle");
        }
        image.Text(16, Top + 20, "event frames", bold: true);
        image.Text(16, Top + 38, "orange: brighter", SvgImage.Soft);
        image.Text(16, Top + 56, "blue: darker", SvgImage.Soft);
        Frames(image, frames);
        double y = Top + Column;
        foreach (var layer in layers)
        {
            y += Between;
            Layer(image, layer, y);
            y += layer.Raster.Count * Neuron;
        }
        Answers(image, insight, labels, y + Between);
        return image;
    }

    // The first layer, and one of each stage's last block.
    private static LayerInsight[] Shown(IReadOnlyList<LayerInsight> layers) =>
    [
        layers[0],
        .. layers.Where(layer => layer.Name.EndsWith(".mlp1_lif", StringComparison.Ordinal))
            .GroupBy(layer => layer.Name.Split('.')[0]).Select(stage => stage.Last()),
    ];

    private static void Frames(SvgImage image, EventFrames frames)
    {
        var (height, width) = (frames.Size.Height, frames.Size.Width);
        double side = Column - Gap;
        var cell = side / Math.Max(height, width);
        for (var t = 0; t < frames.TimeSteps; t++)
        {
            image.Rectangle(Left + (t * Column), Top, side, side, SvgImage.Ink);
        }
        image.Cells(Fired(0), cell, cell, "#58a6ff");
        image.Cells(Fired(frames.Channels - 1), cell, cell, "#f0883e");

        IEnumerable<(double X, double Y)> Fired(int channel) =>
            from t in Enumerable.Range(0, frames.TimeSteps)
            from place in Enumerable.Range(0, height * width)
            where frames.Bytes[(((t * frames.Channels) + channel) * height * width) + place] > 0
            select (Left + (t * Column) + (place % width * cell), Top + (place / width * cell));
    }

    private static void Layer(SvgImage image, LayerInsight layer, double top)
    {
        var (neurons, steps) = (layer.Raster.Count, layer.RatePerStep.Count);
        image.Text(16, top + 20, layer.Name, bold: true);
        image.Text(16, top + 38, string.Create(CultureInfo.InvariantCulture, $"{neurons} of {layer.Neurons:#,0} neurons"), SvgImage.Soft);
        for (var t = 0; t < steps; t++)
        {
            image.Rectangle(Left + (t * Column), top, Column - Gap, neurons * Neuron, "#f6f8fa");
        }
        image.Cells(
            from n in Enumerable.Range(0, neurons)
            from t in Enumerable.Range(0, steps)
            where layer.Raster[n][t] > 0
            select ((double)(Left + (t * Column)), top + (n * Neuron)),
            Column - Gap, Neuron - 1, SvgImage.Ink);
        image.Text(Left + (steps * Column) + 8, top + 20, string.Create(
            CultureInfo.InvariantCulture, $"{layer.RatePerStep.Average() / layer.Levels:0.0%}"));
        image.Text(Left + (steps * Column) + 8, top + 38, layer.Levels > 1 ? "of the most spikes" : "fire", SvgImage.Soft);
    }

    private static void Answers(SvgImage image, SampleInsight insight, IReadOnlyList<string> labels, double top)
    {
        image.Text(16, top + 14, "answer so far", bold: true);
        foreach (var (t, probabilities) in insight.ProbabilitiesPerStep.Index())
        {
            var best = probabilities.Max();
            var x = Left + (t * Column);
            image.Text(x, top + 14, labels[probabilities.ToList().IndexOf(best)]);
            image.Rectangle(x, top + 22, Column - Gap, 6, SvgImage.Line);
            image.Rectangle(x, top + 22, (Column - Gap) * best, 6, SvgImage.Blue);
            image.Text(x, top + 44, string.Create(CultureInfo.InvariantCulture, $"{best:0%}"), SvgImage.Soft);
        }
    }
}
