using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>The vectors of a teacher, one per sample, in memory up to a budget and in files beyond it.</summary>
internal sealed class TeacherVectors : IDisposable
{
    // Rounding of a sum of 1,000 float32 probabilities stays far below this.
    private const double SumTolerance = 1e-3;

    /// <param name="width">Values per vector, 1 or more.</param>
    /// <param name="memoryBudget">Bytes kept in memory.</param>
    /// <param name="workspace">The folder for the files.</param>
    public TeacherVectors(int width, long memoryBudget, string workspace) =>
        (Width, Store) = (width, new(width * sizeof(float), memoryBudget, workspace));

    /// <summary>Values per vector.</summary>
    public int Width { get; }

    /// <summary>The store of the vectors, float32.</summary>
    public SampleStore Store { get; }

    /// <summary>Whether every vector so far is non-negative and sums to 1.</summary>
    public bool AreProbabilities { get; private set; } = true;

    /// <summary>Appends the vector of the next sample.</summary>
    public void Add(ReadOnlySpan<float> vector)
    {
        Store.Add(MemoryMarshal.AsBytes(vector), label: 0);
        var (sum, least) = (0.0, 0f);
        foreach (var value in vector)
        {
            (sum, least) = (sum + value, Math.Min(least, value));
        }
        AreProbabilities &= least >= 0 && Math.Abs(sum - 1) <= SumTolerance;
    }

    /// <summary>Copies the vector of a sample. Thread-safe once the store is sealed.</summary>
    public void Read(int sample, Span<float> target) => Store.Read(sample, MemoryMarshal.AsBytes(target));

    /// <summary>The mean and the deviation of each dimension over some samples, in their order.</summary>
    public TeacherStatistics Statistics(int[] samples)
    {
        var (vector, mean, squares) = (new float[Width], new double[Width], new double[Width]);
        foreach (var sample in samples)
        {
            Read(sample, vector);
            for (var i = 0; i < Width; i++)
            {
                mean[i] += vector[i] / (double)samples.Length;
            }
        }
        foreach (var sample in samples)
        {
            Read(sample, vector);
            for (var i = 0; i < Width; i++)
            {
                var difference = vector[i] - mean[i];
                squares[i] += difference * difference / samples.Length;
            }
        }
        return new(
            [.. mean.Select(value => (float)value)],
            [.. squares.Select(value => (float)Math.Sqrt(value) is > 0 and var deviation ? deviation : 1)],
            AreProbabilities);
    }

    /// <inheritdoc/>
    public void Dispose() => Store.Dispose();
}

/// <summary>What is known about the vectors of a teacher on a training set.</summary>
/// <param name="Mean">The mean of each dimension.</param>
/// <param name="Deviation">The standard deviation of each dimension; 1 if it is constant.</param>
/// <param name="AreProbabilities">Whether every vector is non-negative and sums to 1.</param>
internal sealed record TeacherStatistics(float[] Mean, float[] Deviation, bool AreProbabilities);
