using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Sets a new head to the linear discriminant of the features that the network has before training.</summary>
/// <remarks>
/// <para>The features x [C] of a class are modeled as a normal distribution with its own mean m_c and the common covariance
/// S = (1 - a) W + a tr(W)/C I, where W is the covariance within the classes. The logits are t (m_c S^-1 x - m_c S^-1 m_c / 2) + log p_c,
/// with the share p_c of the class. Friedman, "Regularized discriminant analysis", JASA 1989.</para>
/// <para>With fewer than three samples a class W is the covariance of all samples: what is left of them in a fold says nothing about
/// the covariance within a class, so shrinkage and temperature could not be tuned for it.</para>
/// <para>The shrinkage a and the temperature t are those with the smallest cross entropy over five folds: with few samples the plain
/// discriminant (a = 0, t = 1) is far too sure of itself.</para>
/// </remarks>
internal sealed class DiscriminantHead
{
    /// <summary>The most samples that are read, spread evenly over the training set.</summary>
    public const int MostSamples = 10_000;

    private const int Folds = 5;
    private const int FewestPerClass = 3;
    private const double Floor = 1e-12;

    private static readonly double[] Shrinkages = [0.01, 0.03, 0.1, 0.3, 0.6, 0.9, 1];
    private static readonly double[] Temperatures = [.. Enumerable.Range(-10, 13).Select(power => Math.Pow(2, power / 2.0))];

    private readonly Tensor _features;          // [N, C], float64
    private readonly Tensor _ofClass;           // [N, K], float64: the weight of the sample in the column of its class
    private readonly long[] _labels;
    private readonly int[] _folds;

    private DiscriminantHead(Tensor features, long[] labels, float[] weights, int classes)
    {
        _features = features;
        _labels = labels;
        _ofClass = zeros([labels.Length, classes], dtype: float64);
        var seen = new int[classes];
        _folds = [.. labels.Select(label => seen[label]++ % Folds)];
        using var place = tensor(labels).unsqueeze(1);
        using var weight = tensor(weights, dtype: float64).unsqueeze(1);
        _ = _ofClass.scatter_(1, place, weight);
    }

    /// <summary>Sets the head of a network. Only training samples are read, in evaluation mode and without augmentation.</summary>
    /// <param name="network">The network, with the starting model's weights. Only its head changes.</param>
    /// <param name="recipe">Has the batch size and the precision.</param>
    /// <param name="settings">The training samples, their normalization and the device.</param>
    /// <returns>How many samples were read; 0 if their features are all the same, so that the head stays as it is.</returns>
    /// <exception cref="OperationCanceledException">Canceled during the pass.</exception>
    public static int Set(MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        var (features, labels, weights) = Read(network, recipe, settings);
        var head = new DiscriminantHead(features, labels, weights, network.Config.Classes);
        if (head.Fit() is not var (weight, bias))
        {
            return 0;
        }
        _ = network.Head.Weight.copy_(weight);
        _ = network.Head.Bias.copy_(bias);
        return labels.Length;
    }

    /// <summary>The weights [K, C] and biases [K] of a head for given features; null if all features are the same.</summary>
    /// <param name="features">[N, C].</param>
    /// <param name="labels">[N], from 0.</param>
    /// <param name="weights">How much each sample counts, [N]; null if all count equally.</param>
    /// <param name="classes">K.</param>
    internal static (Tensor Weight, Tensor Bias)? Of(Tensor features, long[] labels, float[]? weights, int classes)
    {
        using var scope = NewDisposeScope();
        weights ??= [.. Enumerable.Repeat(1f, labels.Length)];
        return new DiscriminantHead(features.to(float64), labels, weights, classes).Fit() is var (weight, bias)
            ? (scope.MoveToOuter(weight), scope.MoveToOuter(bias))
            : null;
    }

    private static (Tensor Features, long[] Labels, float[] Weights) Read(
        MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings)
    {
        var every = (settings.Train.Count + MostSamples - 1) / MostSamples;
        var spread = settings.Train.Indices.Where((index, place) => place % every == 0 && settings.Train.Source.Label(index) >= 0);
        var set = settings.Train with { Indices = [.. spread] };
        var loader = new BatchLoader(set, recipe.BatchSize, augmentation: null, settings.Seed, settings.Workers);
        var (features, labels, weights) = (new List<Tensor>(), new List<long>(), new List<float>());
        var observer = new NetworkObserver
        {
            // [T, B, C] to [B, C], as the head sees it.
            Produced = (name, value) =>
            {
                if (name == "features")
                {
                    using var mean = value.mean([0]);
                    features.Add(mean.to(float64).cpu().DetachFromDisposeScope());
                }
            },
        };
        network.eval();
        try
        {
            using var folded = network.Folded(recipe.Precision, settings.NewPass());
            foreach (var batch in loader.Epoch(0))
            {
                using (batch)
                using (TorchThreads.LimitTo(settings.Threads()))
                {
                    settings.CheckAlive();
                    settings.Cancellation.ThrowIfCancellationRequested();
                    using var input = batch.ToInput(settings.Normalization, settings.Device);
                    folded.Forward(input, observer).Dispose();
                    labels.AddRange(batch.Labels);
                    weights.AddRange(batch.Weights ?? Enumerable.Repeat(1f, batch.Count));
                }
            }
            return (cat(features), [.. labels], [.. weights]);
        }
        finally
        {
            features.ForEach(part => part.Dispose());
        }
    }

    // Whether there are enough samples to know the covariance within a class.
    private bool IsWithin => _labels.Length >= FewestPerClass * _labels.Distinct().Count();

    private (Tensor Weight, Tensor Bias)? Fit()
    {
        var all = Moments.Of(_features, _ofClass);
        if (all.Discriminant(IsWithin) is not { } discriminant)
        {
            return null;
        }
        var (shrinkage, temperature) = Tuned(all);
        var (weight, bias) = discriminant.Head(shrinkage, temperature);
        // What is added to all classes alike changes nothing but the size of the weights.
        return (weight - weight.mean([0], keepdim: true), bias - bias.mean());
    }

    private (double Shrinkage, double Temperature) Tuned(Moments all)
    {
        var losses = new double[Shrinkages.Length, Temperatures.Length];
        var counted = 0;
        foreach (var fold in Enumerable.Range(0, Folds))
        {
            using var scope = NewDisposeScope();
            long[] held = [.. Enumerable.Range(0, _labels.Length).Where(i => _folds[i] == fold).Select(i => (long)i)];
            if (held.Length == 0)
            {
                continue;
            }
            var (features, ofClass) = (_features[tensor(held)], _ofClass[tensor(held)]);
            var rest = all - Moments.Of(features, ofClass);
            if (rest.Discriminant(IsWithin) is not { } discriminant)
            {
                continue;
            }
            // A class without another sample cannot be recognized, whatever the shrinkage.
            var known = ofClass * ((TensorExpression)rest.Counts > Floor);
            counted++;
            foreach (var (i, shrinkage) in Shrinkages.Index())
            {
                var (weight, bias) = discriminant.Head(shrinkage, 1);
                var scores = features.matmul(weight.t()).Plus(bias.sub(rest.LogShares));
                foreach (var (k, temperature) in Temperatures.Index())
                {
                    using var inner = NewDisposeScope();
                    Tensor logits = (TensorExpression)scores * temperature + (TensorExpression)rest.LogShares;
                    var logLikelihood = nn.functional.log_softmax(logits, 1);
                    losses[i, k] -= (logLikelihood * known).sum().Number();
                }
            }
        }
        if (counted == 0)
        {
            return (1, 1);
        }
        var (best, at) = (double.PositiveInfinity, (1.0, 1.0));
        foreach (var (i, shrinkage) in Shrinkages.Index())
        {
            foreach (var (k, temperature) in Temperatures.Index())
            {
                (best, at) = losses[i, k] < best ? (losses[i, k], (shrinkage, temperature)) : (best, at);
            }
        }
        return at;
    }

    // Sums over weighted samples, from which the sums of a fold can be taken away.
    private sealed record Moments(Tensor Counts, Tensor Sums, Tensor Squares)
    {
        public static Moments Of(Tensor features, Tensor ofClass)
        {
            var weighted = features * ofClass.sum([1], keepdim: true);
            return new(ofClass.sum([0]), ofClass.t().matmul(features), weighted.t().matmul(features));    // [K], [K, C], [C, C]
        }

        public static Moments operator -(Moments all, Moments part) =>
            new(all.Counts - part.Counts, all.Sums - part.Sums, all.Squares - part.Squares);

        // A class without samples is as unlikely as one with a tenth of a sample.
        public Tensor LogShares => ((TensorExpression)Counts).AtLeast(0.1).Tensor.div(Counts.sum()).log();

        public Discriminant? Discriminant(bool isWithin)
        {
            var (total, center) = (Counts.sum(), Sums.sum([0], keepdim: true) / Counts.sum());
            var present = ((TensorExpression)Counts > Floor).unsqueeze(1);
            var means = Sums / ((TensorExpression)Counts).AtLeast(Floor).Tensor.unsqueeze(1);
            means = where(present, means, center);                                              // [K, C]
            var within = Squares - (means * Counts.unsqueeze(1)).t().matmul(means);
            // With one sample of each class nothing is known of the covariance within a class.
            within = isWithin && within.trace().Number() > Floor * Math.Max(1, Squares.trace().Number())
                ? within
                : Squares - (center * total).t().matmul(center);
            within /= total;
            var scale = within.trace().Number() / within.shape[0];
            if (!(scale > Floor))
            {
                return null;
            }
            var (values, axes) = linalg.eigh(within);
            return new(means - center, center, ((TensorExpression)values).AtLeast(0), axes, scale, LogShares);
        }
    }

    // The eigenvectors serve every shrinkage.
    private sealed record Discriminant(Tensor Means, Tensor Center, Tensor Values, Tensor Axes, double Scale, Tensor LogShares)
    {
        public (Tensor Weight, Tensor Bias) Head(double shrinkage, double temperature)
        {
            var along = Means.matmul(Axes) / ((TensorExpression)Values * (1 - shrinkage) + (shrinkage * Scale)).Tensor.unsqueeze(0);
            Tensor weight = (TensorExpression)along.matmul(Axes.t()) * temperature;                                  // [K, C]
            var bias = (weight * ((TensorExpression)Means / 2).Tensor.Plus(Center)).sum([1]).negative().Plus(LogShares);
            return (weight, bias);
        }
    }
}
