using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>What ranks tell each other beside their sums. Alone, it costs nothing.</summary>
internal static class RankAgreement
{
    /// <summary>A rank in words: rank 3 on node-07.</summary>
    public static string Name(this RankGroup ranks, int rank) => $"rank {rank} on {ranks.Hosts[rank]}";

    /// <summary>Gives all ranks the bytes that rank 0 makes.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="make">Called on rank 0 only. If it throws, every rank throws.</param>
    public static byte[] FromFirst(this RankGroup ranks, Func<byte[]> make)
    {
        if (ranks.Size == 1)
        {
            return make();
        }
        var (data, fault) = (Array.Empty<byte>(), default(Exception));
        if (ranks.IsFirst)
        {
            try
            {
                data = make();
            }
            catch (Exception e)
            {
                (data, fault) = (Encoding.UTF8.GetBytes(e.Message), e);
            }
        }
        ranks.WaitForFirst();
        Span<long> head = [data.Length, fault is null ? 0 : 1];
        ranks.Broadcast(MemoryMarshal.AsBytes(head));
        data = ranks.IsFirst ? data : new byte[head[0]];
        if (head[0] > 0)
        {
            ranks.Broadcast(data);
        }
        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
        return head[1] == 0 ? data
            : throw new InvalidOperationException($"Training stopped on {ranks.Name(0)}: {Encoding.UTF8.GetString(data)}");
    }

    /// <summary>Gives all ranks the bytes of each, by rank.</summary>
    public static byte[][] Gather(this RankGroup ranks, byte[] own)
    {
        var lengths = new double[ranks.Size];
        lengths[ranks.Rank] = own.Length;
        ranks.Sum(lengths);
        // Every other rank adds zeros.
        var values = new double[(int)lengths.Sum()];
        Array.ConvertAll(own, static value => (double)value).CopyTo(values, (int)lengths.Take(ranks.Rank).Sum());
        ranks.Sum(values);
        var from = 0;
        return [.. lengths.Select(length => Array.ConvertAll(values[from..(from += (int)length)], static value => (byte)value))];
    }

    /// <summary>Gives all ranks a number of rank 0.</summary>
    public static long FromFirst(this RankGroup ranks, long value)
    {
        Span<long> values = [value];
        ranks.Broadcast(MemoryMarshal.AsBytes(values));
        return values[0];
    }

    /// <summary>Gives all ranks the tensors of rank 0.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="tensors">The tensors, the same names and shapes on all ranks. They are read only.</param>
    /// <returns>Copies of those of rank 0 on the CPU, in the caller's scope.</returns>
    public static Dictionary<string, Tensor> FromFirst(this RankGroup ranks, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var copies = new Dictionary<string, Tensor>();
        foreach (var name in tensors.Keys.Order(StringComparer.Ordinal))
        {
            var copy = copies[name] = OnHost(tensors[name]).clone();
            ranks.Broadcast(copy.bytes);
        }
        return copies;
    }

    /// <summary>Checks that all ranks have the same bytes.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="own">The bytes of this rank.</param>
    /// <param name="what">What they are, in the plural: "training samples".</param>
    /// <param name="advice">What to do if they differ.</param>
    /// <exception cref="InvalidOperationException">On every rank, if they differ; it names the ranks.</exception>
    public static void RequireSame(this RankGroup ranks, ReadOnlySpan<byte> own, string what, string advice)
    {
        if (ranks.Size == 1)
        {
            return;
        }
        Span<byte> hash = SHA256.HashData(own), first = hash.ToArray();
        ranks.Broadcast(first);
        var differs = new double[ranks.Size];
        differs[ranks.Rank] = hash.SequenceEqual(first) ? 0 : 1;
        ranks.Max(differs);
        string[] others = [.. differs.Index().Where(item => item.Item > 0).Select(item => ranks.Name(item.Index))];
        if (others.Length > 0)
        {
            throw new InvalidOperationException(
                $"The ranks do not have the same {what}: {string.Join(", ", others)} {(others.Length == 1 ? "differs" : "differ")} from "
                + $"{ranks.Name(0)}. {advice}");
        }
    }

    /// <summary>Checks that all ranks have the same weights and moments, bit for bit.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="tensors">All that training changes, in the same order on all ranks.</param>
    /// <param name="epoch">The epoch that has ended.</param>
    /// <inheritdoc cref="RequireSame(RankGroup, ReadOnlySpan{byte}, string, string)" path="/exception"/>
    public static void RequireSame(this RankGroup ranks, IEnumerable<Tensor> tensors, int epoch)
    {
        if (ranks.Size == 1)
        {
            return;
        }
        using var gradientFree = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors)
        {
            using var scope = NewDisposeScope();
            hash.AppendData(OnHost(tensor).bytes);
        }
        ranks.RequireSame(
            hash.GetHashAndReset(), $"weights after epoch {epoch}",
            "Training stops, as the ranks would train different networks. Resume from the last checkpoint; if it happens again, check that "
            + "all hosts run the same version on the same kind of device, and test their memory.");
    }

    private static Tensor OnHost(Tensor tensor) => tensor.detach().cpu().contiguous();
}
