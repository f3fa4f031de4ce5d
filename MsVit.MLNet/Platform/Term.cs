using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A floating-point tensor in a formula, whose numbers are held until the native call that reads them is over (see
/// <see cref="Held"/>).</summary>
/// <param name="Tensor">The tensor; the temporaries of a formula belong to the caller's dispose scope.</param>
internal readonly record struct Term(Tensor Tensor)
{
    public static implicit operator Term(Tensor tensor) => new(tensor);

    public static implicit operator Tensor(Term term) => term.Tensor;

    public static Term operator +(Term x, Term y) => x.Tensor.Plus(y.Tensor);

    public static Term operator -(Term x, Term y) => x.Tensor.sub(y.Tensor);

    public static Term operator *(Term x, Term y) => x.Tensor.mul(y.Tensor);

    public static Term operator /(Term x, Term y) => x.Tensor.div(y.Tensor);

    public static Term operator +(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.add(number, Held.One);
    }

    public static Term operator -(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.sub(number);
    }

    public static Term operator *(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.mul(number);
    }

    public static Term operator /(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.div(number);
    }

    public static Term operator -(double x, Term y) => (Term)y.Tensor.negative() + x;

    public static Term operator *(double x, Term y) => y * x;

    public static Term operator /(double x, Term y) => (Term)y.Tensor.reciprocal() * x;

    /// <summary>Whether x is below y, element by element.</summary>
    public static Tensor operator <(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.lt(number);
    }

    /// <summary>Whether x is above y, element by element.</summary>
    public static Tensor operator >(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.gt(number);
    }

    /// <summary>Whether x is at most y, element by element.</summary>
    public static Tensor operator <=(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.le(number);
    }

    /// <summary>Whether x is at least y, element by element.</summary>
    public static Tensor operator >=(Term x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.ge(number);
    }

    public Term Abs() => Tensor.abs();

    public Term Sign() => Tensor.sign();

    public Term Sqrt() => Tensor.sqrt();

    public Term Exp() => Tensor.exp();

    public Term Log() => Tensor.log();

    public Term Sin() => Tensor.sin();

    public Term Cos() => Tensor.cos();

    public Term Atan() => Tensor.atan();

    public Term Erfc() => Tensor.erfc();

    public Term Sigmoid() => Tensor.sigmoid();

    /// <summary>x^y.</summary>
    public Term Pow(double y)
    {
        using var number = y.ToScalar();
        return Tensor.pow(number);
    }

    /// <summary>The larger of x and a number.</summary>
    public Term AtLeast(double lowest)
    {
        using var number = lowest.ToScalar();
        return Tensor.clamp(min: number);
    }

    /// <summary>The smaller of x and a number.</summary>
    public Term AtMost(double highest)
    {
        using var number = highest.ToScalar();
        return Tensor.clamp(max: number);
    }

    /// <summary>A number wherever a mask says so, x elsewhere.</summary>
    public Term With(double number, Tensor where)
    {
        using var held = number.ToScalar();
        return Tensor.masked_fill(where, held);
    }

    /// <summary>A number everywhere.</summary>
    public Term Filled(double number)
    {
        using var held = number.ToScalar();
        return Tensor.full_like(held);
    }
}
