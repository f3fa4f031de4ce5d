using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How a network learns from a teacher: from the vectors of <see cref="MsVitOptions.TeacherColumnName"/>.</summary>
/// <remarks>
/// The loss of a step is that of the labels plus <see cref="Weight"/> times that of the teacher, each a mean over the samples that have a
/// label or a vector. Only training needs the teacher; the trained model does not contain anything of it.
/// </remarks>
public sealed record TeacherRecipe
{
    /// <summary>What the vectors are. The default is <see cref="TeacherKind.Features"/>.</summary>
    public TeacherKind Kind { get; init; } = TeacherKind.Features;

    /// <summary>How much the teacher's loss counts beside that of the labels, above 0. The default is 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>How features are compared. It has no effect on scores. The default is <see cref="FeatureLoss.Cosine"/>.</summary>
    public FeatureLoss Loss { get; init; } = FeatureLoss.Cosine;

    /// <summary>
    /// The temperature at which scores are compared, above 0: the higher, the more the classes that are not the likeliest count. It has no
    /// effect on features. The default is 2.
    /// </summary>
    public double Temperature { get; init; } = 2;

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        if (!Enum.IsDefined(Kind))
        {
            yield return $"Kind is {Kind}; it must be Features or Scores.";
        }
        if (!(Weight > 0) || !double.IsFinite(Weight))
        {
            yield return $"Weight is {Weight}; it must be a finite number above 0.";
        }
        if (!Enum.IsDefined(Loss))
        {
            yield return $"Loss is {Loss}; it must be Cosine or SmoothL1.";
        }
        if (!(Temperature > 0) || !double.IsFinite(Temperature))
        {
            yield return $"Temperature is {Temperature}; it must be a finite number above 0.";
        }
    }
}

/// <summary>What the vectors of a teacher are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TeacherKind>))]
public enum TeacherKind
{
    /// <summary>
    /// Features of any width. The network's features, averaged over tokens and time, go through a linear layer that is learned with the
    /// network and thrown away afterwards. The teacher's features are standardized: each dimension has mean 0 and deviation 1 on the
    /// training set.
    /// </summary>
    Features,

    /// <summary>
    /// One score per class, in the order of the label's key: probabilities if every row is non-negative and sums to 1, otherwise logits.
    /// The loss is the Kullback-Leibler divergence of the network's probabilities from the teacher's, both at the temperature, times its
    /// square (Hinton, Vinyals and Dean, 2015).
    /// </summary>
    Scores,
}

/// <summary>How the network's features are compared with those of a teacher.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FeatureLoss>))]
public enum FeatureLoss
{
    /// <summary>1 minus the cosine of the angle between the two: 0 for the same direction, 1 for a right angle.</summary>
    Cosine,

    /// <summary>The mean over the dimensions of d^2 / 2 for a difference of |d| below 1, and of |d| - 1 / 2 above.</summary>
    SmoothL1,
}
