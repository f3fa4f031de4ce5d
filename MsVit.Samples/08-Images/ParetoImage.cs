using System.Globalization;
using System.Text.Json;
using MsVit.MLNet.Sweep;

namespace MsVit.Samples.Images;

/// <summary>Accuracy against energy of a sweep's trials; the front's trials carry their options.</summary>
internal static class ParetoImage
{
    private const int Width = 880;
    private const int Height = 400;
    private const int Left = 76;
    private const int Right = 40;
    private const int Top = 24;
    private const int Bottom = 56;
    private const int Lines = 5;

    public static void Write(FileInfo file, SweepResult result)
    {
        var trials = result.Trials.Where(trial => trial.State == TrialState.Completed).ToArray();
        var x = Axis.Of(trials.Select(Energy).Append(0));
        var y = Axis.Of(trials.Select(Accuracy));
        var image = new SvgImage(Width, Height, $"Accuracy against energy of {trials.Length} trials of a sweep, with the Pareto front");
        Grid(image, x, y);

        var front = result.ParetoFront.OrderBy(Energy).ToArray();
        foreach (var trial in trials.Except(front))
        {
            image.Circle(X(trial), Y(trial), 5, "#8c959f");
        }
        var line = front.Select(trial => string.Create(CultureInfo.InvariantCulture, $"{X(trial):0.#} {Y(trial):0.#}"));
        image.Stroke("M" + string.Join('L', line), SvgImage.Orange, 2, dashed: true);
        foreach (var trial in front)
        {
            image.Circle(X(trial), Y(trial), 6, SvgImage.Orange);
            // The front is the upper left edge of the points.
            image.Text(X(trial) - 8, Y(trial) - 9, Options(trial), anchor: "end");
        }
        Legend(image);
        image.Write(file);
        Console.WriteLine($"{file.Name}: {trials.Length} trials, {front.Length} on the front.");

        double X(TrialRecord trial) => Left + (x.Share(Energy(trial)) * (Width - Left - Right));
        double Y(TrialRecord trial) => Height - Bottom - (y.Share(Accuracy(trial)) * (Height - Top - Bottom));
    }

    private static double Accuracy(TrialRecord trial) => 100 * trial.Objectives["Accuracy"];

    // Microjoules.
    private static double Energy(TrialRecord trial) => 1e6 * trial.Objectives["Energy"];

    private static void Grid(SvgImage image, Axis x, Axis y)
    {
        for (var tick = y.Low; tick <= y.High + (y.Step / 2); tick += y.Step)
        {
            var at = Height - Bottom - (y.Share(tick) * (Height - Top - Bottom));
            image.Stroke(string.Create(CultureInfo.InvariantCulture, $"M{Left} {at}H{Width - Right}"), SvgImage.Line, 1);
            image.Text(Left - 8, at + 4, y.Label(tick) + "%", SvgImage.Soft, "end");
        }
        for (var tick = x.Low; tick <= x.High + (x.Step / 2); tick += x.Step)
        {
            var at = Left + (x.Share(tick) * (Width - Left - Right));
            image.Stroke(string.Create(CultureInfo.InvariantCulture, $"M{at} {Top}V{Height - Bottom}"), SvgImage.Line, 1);
            image.Text(at, Height - Bottom + 18, x.Label(tick), SvgImage.Soft, "middle");
        }
        image.Text(Left + ((Width - Left - Right) / 2.0), Height - 14, "energy, µJ per image", anchor: "middle");
        image.Text(18, Top + ((Height - Top - Bottom) / 2.0), "accuracy", anchor: "middle", turned: true);
    }

    private static void Legend(SvgImage image)
    {
        const double X = Width - Right - 210, Y = Height - Bottom - 56;
        image.Rectangle(X, Y, 204, 46, "#ffffff");
        image.Circle(X + 14, Y + 14, 6, SvgImage.Orange);
        image.Text(X + 28, Y + 18, "Pareto front");
        image.Circle(X + 14, Y + 34, 5, "#8c959f");
        image.Text(X + 28, Y + 38, "dominated by another trial");
    }

    private static string Options(TrialRecord trial)
    {
        var values = JsonDocument.Parse(trial.Parameters).RootElement;
        return $"T = {values.GetProperty("TimeSteps")}, depths {values.GetProperty("Depths")}";
    }

    /// <summary>An axis whose marks are round numbers.</summary>
    private sealed record Axis(double Low, double High, double Step)
    {
        private static readonly double[] Rounds = [1, 2, 5, 10];

        public static Axis Of(IEnumerable<double> values)
        {
            var (low, high) = (values.Min(), values.Max());
            var rough = Math.Max(high - low, 1e-9) / Lines;
            var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            var step = power * Rounds.First(factor => factor * power >= rough);
            return new(step * Math.Floor(low / step), step * Math.Ceiling(high / step), step);
        }

        public double Share(double value) => (value - Low) / (High - Low);

        public string Label(double tick) => tick.ToString(Step < 1 ? "0.0" : "0", CultureInfo.InvariantCulture);
    }
}
