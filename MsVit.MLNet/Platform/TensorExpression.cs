using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// A floating-point tensor in a formula. Its operators keep a number alive until the native call that reads it has returned (see
/// <see cref="SharedScalars"/>).
/// </summary>
/// <param name="Tensor">The tensor. The temporaries of a formula belong to the caller's dispose scope.</param>
internal readonly record struct TensorExpression(Tensor Tensor)
{
    public static implicit operator TensorExpression(Tensor tensor) => new(tensor);

    public static implicit operator Tensor(TensorExpression expression) => expression.Tensor;

    public static TensorExpression operator +(TensorExpression x, TensorExpression y) => x.Tensor.Plus(y.Tensor);

    public static TensorExpression operator -(TensorExpression x, TensorExpression y) => x.Tensor.sub(y.Tensor);

    public static TensorExpression operator *(TensorExpression x, TensorExpression y) => x.Tensor.mul(y.Tensor);

    public static TensorExpression operator /(TensorExpression x, TensorExpression y) => x.Tensor.div(y.Tensor);

    public static TensorExpression operator +(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.add(number, SharedScalars.One);
    }

    public static TensorExpression operator -(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.sub(number);
    }

    public static TensorExpression operator *(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.mul(number);
    }

    public static TensorExpression operator /(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.div(number);
    }

    public static TensorExpression operator -(double x, TensorExpression y) => (TensorExpression)y.Tensor.negative() + x;

    public static TensorExpression operator *(double x, TensorExpression y) => y * x;

    public static TensorExpression operator /(double x, TensorExpression y) => (TensorExpression)y.Tensor.reciprocal() * x;

    /// <summary>Whether x is less than y, element by element.</summary>
    public static Tensor operator <(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.lt(number);
    }

    /// <summary>Whether x is greater than y, element by element.</summary>
    public static Tensor operator >(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.gt(number);
    }

    /// <summary>Whether x is at most y, element by element.</summary>
    public static Tensor operator <=(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.le(number);
    }

    /// <summary>Whether x is at least y, element by element.</summary>
    public static Tensor operator >=(TensorExpression x, double y)
    {
        using var number = y.ToScalar();
        return x.Tensor.ge(number);
    }

    public TensorExpression Abs() => Tensor.abs();

    public TensorExpression Sign() => Tensor.sign();

    public TensorExpression Sqrt() => Tensor.sqrt();

    public TensorExpression Exp() => Tensor.exp();

    public TensorExpression Log() => Tensor.log();

    public TensorExpression Sin() => Tensor.sin();

    public TensorExpression Cos() => Tensor.cos();

    public TensorExpression Atan() => Tensor.atan();

    public TensorExpression Erfc() => Tensor.erfc();

    public TensorExpression Sigmoid() => Tensor.sigmoid();

    /// <summary>x^y.</summary>
    public TensorExpression Pow(double y)
    {
        using var number = y.ToScalar();
        return Tensor.pow(number);
    }

    /// <summary>The larger of x and a number.</summary>
    public TensorExpression AtLeast(double lowest)
    {
        using var number = lowest.ToScalar();
        return Tensor.clamp(min: number);
    }

    /// <summary>The smaller of x and a number.</summary>
    public TensorExpression AtMost(double highest)
    {
        using var number = highest.ToScalar();
        return Tensor.clamp(max: number);
    }

    /// <summary>A number where a mask is true, x elsewhere.</summary>
    public TensorExpression With(double number, Tensor where)
    {
        using var scalar = number.ToScalar();
        return Tensor.masked_fill(where, scalar);
    }

    /// <summary>A number everywhere.</summary>
    public TensorExpression Filled(double number)
    {
        using var scalar = number.ToScalar();
        return Tensor.full_like(scalar);
    }
}
